"""One file a contender; modules that begin with an underscore are what several of them share."""
