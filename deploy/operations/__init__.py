"""What the person on call does: look at outboxes and dead letters, redrive them, let an owner say its facts again."""
