-- A tenant's own rate limits, by route class: { "public_booking": 20 }. What it does not name is the environment's.
ALTER TABLE tenants ADD COLUMN rate_limits TEXT NOT NULL DEFAULT '{}';
