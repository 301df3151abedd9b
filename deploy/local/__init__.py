"""One process: NATS and PostgreSQL from wheels, every service behind the gateway, the development issuer."""
