"""The court bundle: a zip that a stranger can check with sha256sum and openssl, or a browser."""
