"""Our durable record of workflows, runs, source objects, receipts and the outbox: it alone decides."""
