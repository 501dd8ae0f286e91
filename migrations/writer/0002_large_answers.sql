-- Answers too long for a receipt, so that receipts stay small. The triggers move them: a unit of work writes its answer to its receipt as ever,
-- RETURNING gives what was written, and an answer that stays below the bound costs no row more.

CREATE TABLE large_answers (
  principal TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (principal, method, route, key)
) STRICT, WITHOUT ROWID;

-- A decided receipt without an answer: it is in large_answers.
CREATE TRIGGER receipts_keep_small AFTER INSERT ON receipts WHEN length(NEW.answer) > 16384 BEGIN
  INSERT INTO large_answers (principal, method, route, key, answer) VALUES (NEW.principal, NEW.method, NEW.route, NEW.key, NEW.answer);
  UPDATE receipts SET answer = NULL WHERE principal = NEW.principal AND method = NEW.method AND route = NEW.route AND key = NEW.key;
END;

CREATE TRIGGER receipts_take_along AFTER DELETE ON receipts WHEN OLD.answer IS NULL BEGIN
  DELETE FROM large_answers WHERE principal = OLD.principal AND method = OLD.method AND route = OLD.route AND key = OLD.key;
END;
