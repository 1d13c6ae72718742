"""An exchange, a telephone and two people: scenarios become sound and pin edges."""
