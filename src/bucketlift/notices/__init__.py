"""How people are told: e-mail and webhooks."""
