"""Picture -> facts: the words of a screenshot, the light on a face. Extra ``[ocr]``; what needs it runs in a child process."""
