"""Wordings of platforms in text that was read off a picture, where a character or two were taken for others."""

from __future__ import annotations

from contextlib import suppress

from triagebot.triage.signatures import Shown, Signatures, squeeze


def find_misread(signatures: Signatures, text: str, errors: float) -> tuple[Shown, ...]:
    """Signatures in normalised ``text``: of a wording's characters the share ``errors`` may be others, missing or too many.

    Exactly as in ``Signatures.find`` where rapidfuzz (extra ``ocr``) is not installed.
    """
    found = {shown.id: shown for shown in signatures.find(text)}
    squeezed = squeeze(text)
    for wording, shown in signatures.wordings:
        if shown.id not in found and _is_in(wording, squeezed, int(len(wording) * errors)):
            found[shown.id] = shown
    return tuple(found.values())


def _is_in(wording: str, text: str, most: int) -> bool:
    """Whether ``text`` holds ``wording`` with at most ``most`` edits."""
    if not most or len(text) < len(wording) - most:
        return False
    with suppress(ImportError):
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.fuzz import partial_ratio_alignment

        near = partial_ratio_alignment(wording, text, score_cutoff=100 * (1 - most / len(wording)) - 1)
        if near is not None:
            # Of windows that share as many characters it names any; the one that begins and ends right is close by.
            starts = range(max(0, near.dest_start - most), near.dest_start + most + 1)
            windows = (text[start : start + len(wording) + more] for start in starts for more in range(-most, most + 1))
            return any(Levenshtein.distance(wording, window, score_cutoff=most) <= most for window in windows)
    return False
