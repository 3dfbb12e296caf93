"""Tell the owner what happened: an outbox written with the evidence, delivered later by e-mail and webhook."""
