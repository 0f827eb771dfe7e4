"""A small Bot API server for black-box runs: real HTTP, strict where Telegram is, and honest about what it was told.

It runs in a thread of the test; the bot is another process. Messages stay queued until an offset confirms them, so a
bot that is killed before it confirms gets them again, as on Telegram.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from aiohttp import web

TOKEN = "4242:test-token"
BOT_ID = 4242
_JSON_FIELDS = {"reply_markup", "allowed_updates", "commands", "scope"}


@dataclass
class Sent:
    """A message as it stands in a chat; ``texts`` are all its versions, the last one is what people see. ``at``: when it was
    sent, in seconds of time.monotonic."""

    id: int
    chat: int
    texts: list[str]
    buttons: list[dict[str, str]] = field(default_factory=list)
    kind: str = "text"
    file_name: str = ""
    file: bytes = b""
    at: float = field(default_factory=time.monotonic)
    thread: int = 0

    @property
    def text(self) -> str:
        return self.texts[-1]


@dataclass
class Topic:
    """A topic of a supergroup; ``names`` are all that it ever had."""

    id: int
    chat: int
    names: list[str]
    closed: bool = False

    @property
    def name(self) -> str:
        return self.names[-1]


class FakeTelegram:
    """``forums``: supergroups with topics; ``rights``: what the bot may do there, as in ChatMemberAdministrator.

    ``files``: what people have sent, by file id; ``fetched``: the ids of what was downloaded, as often as it was.
    ``fail_next``: a method ("file" for a download), the status of its answer, and parameters of that."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token, self.bot_id = token, int(token.partition(":")[0])
        self.queue: list[dict[str, Any]] = []
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.webhook: dict[str, Any] = {}
        self.forums: set[int] = set()
        self.rights: dict[str, Any] = {
            "status": "administrator",
            "can_manage_topics": True,
            "can_delete_messages": True,
        }
        self.topics: list[Topic] = []
        self.fail_next: list[tuple[str, int, dict[str, Any]]] = []
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self._numbers = itertools.count(1)
        self._updates = itertools.count(1000)
        self._changed = threading.Condition()
        self.loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self.port = 0
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    # -- life -------------------------------------------------------------------------------------------------------

    def __enter__(self) -> FakeTelegram:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._give_file)
        runner = web.AppRunner(app)
        self.loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self.loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._started.set()
        self.loop.run_forever()
        self.loop.run_until_complete(runner.cleanup())

    # -- people -----------------------------------------------------------------------------------------------------

    def says(self, user: int, text: str, *, name: str = "王女士", reply_to: int | None = None, **extra: Any) -> int:
        """A person writes; returns the message id."""
        number = next(self._numbers)
        message: dict[str, Any] = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": user, "type": "private", "first_name": name},
            "from": {"id": user, "is_bot": False, "first_name": name, "language_code": "zh-hans"},
            **({"text": text} if text else {}),
            **extra,
        }
        if reply_to is not None:
            message["reply_to_message"] = {"message_id": reply_to, "date": 0, "chat": message["chat"]}
        self.push({"message": message})
        return number

    def sends_photo(self, user: int, data: bytes, caption: str = "", **extra: Any) -> str:
        """A person sends a photo, which Telegram offers in two sizes; returns the id of the larger one."""
        small, large = self.keep(b"a thumbnail"), self.keep(data)
        sizes = [
            {"file_id": small, "file_unique_id": small, "width": 90, "height": 160, "file_size": 11},
            {"file_id": large, "file_unique_id": large, "width": 720, "height": 1280, "file_size": len(data)},
        ]
        self.says(user, "", photo=sizes, **({"caption": caption} if caption else {}), **extra)
        return large

    def sends_document(self, user: int, data: bytes, name: str, kind: str, **extra: Any) -> str:
        """A person sends a file; returns its id. ``kind``: as mime_type."""
        file = self.keep(data)
        document = {
            "file_id": file,
            "file_unique_id": file,
            "file_name": name,
            "mime_type": kind,
            "file_size": len(data),
        }
        self.says(user, "", document=document, **extra)
        return file

    def keep(self, data: bytes) -> str:
        file = f"AgACAgQAAxkBAAI-{len(self.files)}"
        self.files[file] = data
        return file

    def says_in(
        self, chat: int, user: int, text: str, topic: Topic | None = None, edited: int | None = None, **extra: Any
    ) -> int:
        """Somebody writes in a supergroup, in a topic or in its General; ``edited``: the message that is changed."""
        number = edited or next(self._numbers)
        thread = {"message_thread_id": topic.id, "is_topic_message": True} if topic is not None else {}
        self.push({"edited_message" if edited else "message": {
            "message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "supergroup", "is_forum": True},
            "from": {"id": user, "is_bot": False, "first_name": "某人", "language_code": "zh-hans"},
            **({"text": text} if text else {}), **thread, **extra,
        }})  # fmt: skip
        return number

    def press_in(self, chat: int, user: int, label: str) -> None:
        """Somebody presses the newest button in a supergroup that reads ``label``."""
        shown = [(m, b) for m in self.sent if m.chat == chat for b in m.buttons if b["text"] == label]
        message, button = shown[-1]
        place = {"id": chat, "type": "supergroup", "is_forum": True}
        self.push_press(user, message.id, button["callback_data"], place, message_thread_id=message.thread)

    def press(self, user: int, label: str) -> None:
        """A person presses the newest button that reads ``label``."""
        for message in reversed(self.sent):
            for button in message.buttons:
                if message.chat == user and button["text"] == label:
                    self.push_press(user, message.id, button["callback_data"])
                    return
        raise AssertionError(f"chat {user} shows no button {label!r}")

    def push_press(self, user: int, message: int, data: str, place: dict[str, Any] | None = None, **more: Any) -> None:
        chat = place or {"id": user, "type": "private"}
        self.push(
            {
                "callback_query": {
                    "id": str(next(self._numbers)),
                    "from": {"id": user, "is_bot": False, "first_name": "王女士", "language_code": "zh-hans"},
                    "message": {"message_id": message, "date": int(time.time()), "chat": chat, **more},
                    "chat_instance": "1",
                    "data": data,
                }
            }
        )

    def push(self, update: dict[str, Any]) -> None:
        with self._changed:
            self.queue.append({"update_id": next(self._updates), **update})

    # -- watching ---------------------------------------------------------------------------------------------------

    def texts(self, chat: int) -> list[str]:
        return [m.text for m in self.sent if m.chat == chat]

    def wait(self, what: Callable[[], Any], describe: str, timeout: float = 30.0) -> Any:
        """Until ``what`` is truthy; looked at after every call of the bot, and often, for what only the database shows."""
        found = self.sees(what, timeout)
        if not found:
            seen = "\n---\n".join(f"[{m.chat}] {m.text}" for m in self.sent[-12:])
            raise AssertionError(f"waited {timeout} s for {describe}; the last messages were:\n{seen}")
        return found

    def sees(self, what: Callable[[], Any], timeout: float) -> Any:
        """As ``wait``, but what is not so in time is returned as it is."""
        end = time.monotonic() + timeout
        with self._changed:
            while not (found := what()) and (left := end - time.monotonic()) > 0:
                self._changed.wait(min(left, 0.05))
            return found

    def wait_text(self, chat: int, *parts: str, after: int = 0) -> Sent:
        """The first message (from the ``after``-th on) in ``chat`` that contains all ``parts``."""

        def look() -> Sent | None:
            mine = [m for m in self.sent if m.chat == chat][after:]
            return next((m for m in mine if all(p in m.text for p in parts)), None)

        return self.wait(look, f"{parts} in chat {chat}")

    def count(self, chat: int) -> int:
        return sum(m.chat == chat for m in self.sent)

    # -- posting ----------------------------------------------------------------------------------------------------

    def post(self, update: dict[str, Any], to: str, **headers: str) -> int:
        """Post ``update`` to the webhook as Telegram would, with its secret; returns the HTTP status, 0 when nobody is
        there. ``to``: the server on this machine to which the webhook's public address leads."""
        wanted = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"], **headers}
        url = to + urlsplit(self.webhook["url"]).path
        try:
            return httpx.post(url, json=update, headers=wanted, timeout=20).status_code
        except httpx.TransportError:
            return 0

    def post_all(self, to: str) -> list[int]:
        """Post what waits, oldest first; what is not taken with 200 goes on waiting. Returns the statuses."""
        with self._changed:
            waiting, self.queue = self.queue, []
        statuses = [self.post(update, to) for update in waiting]
        with self._changed:
            self.queue = [u for u, status in zip(waiting, statuses, strict=True) if status != 200] + self.queue
        return statuses

    async def _give_file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        with self._changed:
            if failing := next((rule for rule in self.fail_next if rule[0] == "file"), None):
                self.fail_next.remove(failing)
                return web.Response(status=failing[1], headers={k: str(v) for k, v in failing[2].items()})
            found = self.files.get(path.rpartition("/")[2])
            if request.match_info["token"] != self.token or found is None:
                return web.Response(status=404)
            self.fetched.append(path.rpartition("/")[2])
            self._changed.notify_all()
        return web.Response(body=found, content_type="application/octet-stream")

    # -- the Bot API ------------------------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        if request.match_info["token"] != self.token:
            return self._error(401, "Unauthorized")
        data: dict[str, Any] = dict(request.query)
        posted = dict(await request.post())
        data.update({k: v for k, v in posted.items() if isinstance(v, str)})
        files = [v for v in posted.values() if isinstance(v, web.FileField)]
        for name in _JSON_FIELDS & data.keys():
            data[name] = json.loads(data[name])
        with self._changed:
            for rule in self.fail_next:
                if rule[0] == method:
                    self.fail_next.remove(rule)
                    return self._error(rule[1], "made to fail", **rule[2])
        if method == "getupdates":
            return await self._get_updates(data)
        with self._changed:
            self.calls.append((method, data))
            response = self._send_file(method, data, files) if files else self._act(method, data)
            self._changed.notify_all()
        return response

    async def _get_updates(self, data: dict[str, Any]) -> web.Response:
        if self.webhook:
            return self._error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(data.get("offset", 0) or 0)
        end = time.monotonic() + min(float(data.get("timeout", 0) or 0), 2.0)
        while True:
            with self._changed:
                self.queue = [u for u in self.queue if u["update_id"] >= offset]
                ready = self.queue[: int(data.get("limit", 100))]
            if ready or self._closing or time.monotonic() >= end:
                return self._ok(ready)
            await asyncio.sleep(0.005)

    def _act(self, method: str, data: dict[str, Any]) -> web.Response:
        if method == "getme":
            return self._ok({"id": self.bot_id, "is_bot": True, "first_name": "Triage", "username": "triage_bot"})
        if method in ("setwebhook", "deletewebhook"):
            self.webhook = data if method == "setwebhook" else {}
            return self._ok(True)
        if method == "sendmessage":
            return self._send(data)
        if method in ("editmessagetext", "editmessagereplymarkup"):
            return self._edit(data)
        if method.endswith("forumtopic"):
            return self._forum(method, data)
        if method == "getfile":
            return self._find_file(data)
        if method == "getchat":
            return self._ok(
                {"id": int(data["chat_id"]), "type": "supergroup", "is_forum": int(data["chat_id"]) in self.forums}
            )
        if method == "getchatmember":
            return self._ok({**self.rights, "user": {"id": int(data["user_id"]), "is_bot": True}})
        return self._ok(True)

    def _send(self, data: dict[str, Any]) -> web.Response:
        if not data.get("text", "").strip():
            return self._error(400, "Bad Request: message text is empty")
        if len(data["text"].encode("utf-16-le")) // 2 > 4096:
            return self._error(400, "Bad Request: message is too long")
        buttons = _buttons(data)
        if any(len(b["callback_data"].encode()) > 64 for b in buttons):
            return self._error(400, "Bad Request: BUTTON_DATA_INVALID")
        thread = int(data.get("message_thread_id", 0))
        if thread and self._topic(int(data["chat_id"]), thread) is None:
            return self._error(400, "Bad Request: message thread not found")
        sent = Sent(next(self._numbers), int(data["chat_id"]), [data["text"]], buttons, thread=thread)
        self.sent.append(sent)
        return self._ok(self._message(sent))

    def _find_file(self, data: dict[str, Any]) -> web.Response:
        found = self.files.get(data["file_id"])
        if found is None:
            return self._error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(found) > 20 * 1024 * 1024:
            return self._error(400, "Bad Request: file is too big")
        known = {"file_id": data["file_id"], "file_unique_id": data["file_id"], "file_size": len(found)}
        return self._ok({**known, "file_path": f"photos/{data['file_id']}"})

    def _topic(self, chat: int, thread: int) -> Topic | None:
        return next((t for t in self.topics if (t.chat, t.id) == (chat, thread)), None)

    def _forum(self, method: str, data: dict[str, Any]) -> web.Response:
        chat, name = int(data["chat_id"]), data.get("name")
        if chat not in self.forums:
            return self._error(400, "Bad Request: the chat is not a forum")
        if not (self.rights["status"] == "creator" or self.rights.get("can_manage_topics")):
            return self._error(400, "Bad Request: not enough rights to manage topics")
        if method == "deleteforumtopic" and not self.rights.get("can_delete_messages"):
            return self._error(400, "Bad Request: not enough rights to delete the topic")
        if name is not None and not 1 <= len(name) <= 128:
            return self._error(400, "Bad Request: TOPIC_TITLE_INVALID")
        if method == "createforumtopic":
            topic = Topic(next(self._numbers), chat, [name or ""])
            self.topics.append(topic)
            return self._ok({"message_thread_id": topic.id, "name": topic.name, "icon_color": 7322096})
        found = self._topic(chat, int(data["message_thread_id"]))
        if found is None:
            return self._error(400, "Bad Request: TOPIC_ID_INVALID")
        closed = {"closeforumtopic": True, "reopenforumtopic": False}.get(method)
        if (method == "editforumtopic" and name == found.name) or closed is found.closed:
            return self._error(400, "Bad Request: TOPIC_NOT_MODIFIED")
        if method == "editforumtopic":
            found.names.append(name or "")
        elif method == "deleteforumtopic":
            self.topics.remove(found)
            self.sent = [m for m in self.sent if (m.chat, m.thread) != (chat, found.id)]
        else:
            found.closed = bool(closed)
        return self._ok(True)

    def _send_file(self, method: str, data: dict[str, Any], files: list[web.FileField]) -> web.Response:
        if method not in ("sendphoto", "senddocument") or len(files) != 1:
            return self._error(400, "Bad Request: there is no such method with a file")
        content = files[0].file.read()
        if method == "sendphoto" and not content.startswith((b"\x89PNG", b"\xff\xd8")):
            return self._error(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if len(data.get("caption", "")) > 1024:
            return self._error(400, "Bad Request: message caption is too long")
        sent = Sent(next(self._numbers), int(data["chat_id"]), [data.get("caption", "")], _buttons(data),
                    kind=method.removeprefix("send"), file_name=files[0].filename, file=content)  # fmt: skip
        self.sent.append(sent)
        return self._ok(self._message(sent))

    def _edit(self, data: dict[str, Any]) -> web.Response:
        wanted = (int(data["chat_id"]), int(data["message_id"]))
        sent = next((m for m in self.sent if (m.chat, m.id) == wanted), None)
        if sent is None:
            return self._error(400, "Bad Request: message to edit not found")
        text, buttons = data.get("text", sent.text), _buttons(data)
        if (text, buttons) == (sent.text, sent.buttons):
            return self._error(400, "Bad Request: message is not modified")
        if text != sent.text:
            sent.texts.append(text)
        sent.buttons = buttons
        return self._ok(self._message(sent))

    @staticmethod
    def _message(sent: Sent) -> dict[str, Any]:
        return {"message_id": sent.id, "date": int(time.time()), "chat": {"id": sent.chat, "type": "private"},
                "text": sent.text}  # fmt: skip

    @staticmethod
    def _ok(result: Any) -> web.Response:
        return web.json_response({"ok": True, "result": result})

    @staticmethod
    def _error(code: int, text: str, **parameters: Any) -> web.Response:
        body = {"ok": False, "error_code": code, "description": text, "parameters": parameters}
        return web.json_response(body, status=code)


def _buttons(data: dict[str, Any]) -> list[dict[str, str]]:
    return [b for row in (data.get("reply_markup") or {}).get("inline_keyboard", []) for b in row]
