"""Screens of phones as people photograph and capture them, made by code: the words, the drawing, the camera."""
