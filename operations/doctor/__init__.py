"""`doctor`: how an installation stands, whether or not anything of it runs."""
