"""Which address a request comes from, for limits: nothing of it is stored or logged."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request

_HOME = 64
"""Bits of an IPv6 address that say which household it is; of the rest everybody has more than can be counted."""


def caller_of(request: Request, proxies: int) -> str:
    """``proxies``: how many of our own stand before us. Each adds the address that it saw at the end of X-Forwarded-For; what
    stands before those was written by whoever asks, and is not believed.

    "" when nobody can tell: what comes from this machine may be a proxy that we were not told of, and all the world behind
    it must not share what one address may have."""
    peer = request.client.host if request.client is not None else ""
    if proxies:
        hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
        return _household(hops[-proxies] if len(hops) >= proxies else peer)
    return _household(peer)


def _household(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _HOME), strict=False))
    return str(address)
