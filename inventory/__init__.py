"""The shop's records: database, imports, notes, proposals, audit log and monitoring."""
