"""The archive: people, classes, records, versions, parties, numbers, tiers, access, audit, outbox. Knows no HTTP, no engine."""
