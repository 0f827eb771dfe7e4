"""The web chat: what a person sees at ``/``, and how what they type comes into the inbox."""
