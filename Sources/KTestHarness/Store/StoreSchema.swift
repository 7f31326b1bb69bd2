internal import GRDB

/// The tables of the index. A later version adds a migration and never changes one of these; if it needs more of the
/// journals, it empties the tables, and the runs are read again.
enum StoreSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      // The id of a run is never used again, because strips keep it after the run has gone.
      try db.execute(
        sql: """
          CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            mark TEXT NOT NULL,
            started INTEGER NOT NULL
          );
          CREATE TABLE kernel (
            id INTEGER PRIMARY KEY,
            label TEXT NOT NULL, version TEXT NOT NULL, identity TEXT NOT NULL, origin TEXT NOT NULL,
            UNIQUE (label, version, identity, origin)
          );
          CREATE TABLE text (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
          );
          CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            suite TEXT NOT NULL, cell TEXT NOT NULL, test TEXT NOT NULL, subtest TEXT NOT NULL,
            family TEXT NOT NULL, accelerator TEXT NOT NULL, host TEXT NOT NULL,
            parent INTEGER REFERENCES series,
            isStale INTEGER NOT NULL DEFAULT 1,
            runs INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0,
            flips INTEGER NOT NULL DEFAULT 0,
            segmentRuns INTEGER NOT NULL DEFAULT 0, segmentFailures INTEGER NOT NULL DEFAULT 0,
            isFlaky INTEGER NOT NULL DEFAULT 0,
            recent TEXT NOT NULL DEFAULT '',
            UNIQUE (suite, cell, test, subtest, family, accelerator, host)
          );
          CREATE INDEX subtests ON series (parent) WHERE parent IS NOT NULL;
          CREATE INDEX staleSeries ON series (id) WHERE isStale;
          CREATE TABLE strip (
            series INTEGER NOT NULL REFERENCES series,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            count INTEGER NOT NULL,
            results BLOB NOT NULL,
            PRIMARY KEY (series, first)
          ) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { db in
      // Adding a run appends to the window of each series, instead of reading its strips.
      try db.execute(
        sql: """
          CREATE TABLE window (
            series INTEGER PRIMARY KEY REFERENCES series,
            newest TEXT NOT NULL,
            counted INTEGER NOT NULL,
            parts BLOB NOT NULL
          );
          CREATE INDEX flakySeries ON series (id) WHERE isFlaky;
          CREATE INDEX failingSeries ON series (id) WHERE failures > 0;
          ALTER TABLE strip ADD COLUMN newest TEXT NOT NULL DEFAULT '';
          CREATE TEMPORARY TABLE upTo AS SELECT id, max(name) OVER (ORDER BY id) AS newest FROM run;
          CREATE INDEX temp.upToRun ON upTo (id);
          UPDATE strip SET newest =
            ifnull((SELECT newest FROM upTo WHERE id <= strip.last ORDER BY id DESC LIMIT 1), '');
          DROP TABLE upTo;
          UPDATE series SET isStale = 1;
          """)
    }
    migrator.registerMigration("3") { db in
      // Runs on other hosts are younger than the index: none has to be read again.
      try db.execute(
        sql: """
          CREATE TABLE runHost (
            run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
            host TEXT NOT NULL,
            groups INTEGER NOT NULL, losses INTEGER NOT NULL, cases INTEGER NOT NULL, errors INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (run, host)
          ) WITHOUT ROWID;
          """)
    }
    return migrator
  }
}
