"""Records: a thread as its readers see it, over HTTP; a phone without a socket loses nothing but speed."""
