"""The Chinese font that travels with the product (OFL.txt), so that pictures never show empty boxes."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent / "NotoSansSC-subset.ttf"
MISSING = "□"
