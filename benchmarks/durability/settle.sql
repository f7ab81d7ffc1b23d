-- As the server does by itself after a while.
vacuum analyze
