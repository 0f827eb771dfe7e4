"""What must hold for any text whatever."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.resources import bundled
from triagebot.rulebook import load
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.brain import Brain, Context
from triagebot.triage.calibration import fit_temperature
from triagebot.triage.features import content
from triagebot.triage.language import language
from triagebot.triage.model import load_or_train
from triagebot.triage.normalise import MOST_CHARS, normalise

ANY = st.text(max_size=200) | st.text(alphabet="刷脸不是过验证码微信支付宝的问题吗,。!? \u200b\ud800😂abc0123[]", max_size=60)
