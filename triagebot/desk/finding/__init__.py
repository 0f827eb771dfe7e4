"""Finding what was said: the words of a query, the index, and what is shown of a hit."""
