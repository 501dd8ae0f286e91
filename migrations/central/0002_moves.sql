-- Where a tenant's database is, was, and is being taken to.

-- Of two places the later one holds. Milliseconds, so that it also rises over a restore that forgot the moves before it.
ALTER TABLE tenants ADD COLUMN placed_at_ms INTEGER NOT NULL DEFAULT 0;

-- A tenant's move to another cell, from the first fence until the copy left behind is dropped.
CREATE TABLE moves (
  tenant_id TEXT PRIMARY KEY REFERENCES tenants (tenant_id),
  from_cell_id TEXT NOT NULL REFERENCES cells (cell_id),
  from_namespace TEXT NOT NULL,
  to_cell_id TEXT NOT NULL REFERENCES cells (cell_id),
  -- Another one each time that the move is begun, and never used again: what is dropped late is not what is lived in.
  to_namespace TEXT NOT NULL,
  -- 'copying': no writes, reads from the old cell. 'switched': it lives in the new cell, the old one keeps a read-only copy.
  state TEXT NOT NULL CHECK (state IN ('copying', 'cancelling', 'switched')),
  started_at_ms INTEGER NOT NULL,
  switched_at_ms INTEGER
) STRICT, WITHOUT ROWID;
