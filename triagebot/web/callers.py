"""Which address a request comes from, for limits: nothing of it is stored or logged."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request

_HOME = 64
"""Bits of an IPv6 address that say which household it is; of the rest everybody has more than can be counted."""


def caller_of(request: Request, proxies: int) -> str:
    """``proxies``: how many of our own stand before us. Each adds the address that it saw at the end of X-Forwarded-For; what
    stands before those was written by whoever asks, and is not believed."""
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
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _HOME), strict=False))
    return str(address)
