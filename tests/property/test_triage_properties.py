"""What must hold for any text whatever."""

from __future__ import annotations

from hypothesis import strategies as st

ANY = st.text(max_size=200) | st.text(
    alphabet="刷脸不是过验证码微信支付宝的问题吗,。!? \u200b\ud800😂abc0123[]", max_size=60
)
