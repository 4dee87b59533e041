"""A simulated warehouse: real protocols and signatures over HTTP, a ledger of its own, and misbehaviour on request."""
