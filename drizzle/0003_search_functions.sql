-- The twin of src/catalogue/folding.ts: a test holds the two to the same words.
CREATE FUNCTION search_fold(text text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN trim(regexp_replace(lower(translate(regexp_replace(
  replace(replace(replace(replace(replace(replace(normalize(text, NFKD),
    'Ц', 'ts'), 'ц', 'ts'), 'Ю', 'yu'), 'ю', 'yu'), 'Я', 'ya'), 'я', 'ya'),
  '[\u0300-\u036f''’ʼ`]' COLLATE "C", '', 'g'),
  'АБВГДЕЖЗИКЛМНОПРСТУФХЧШЩЫЭабвгдежзиклмнопрстуфхчшщыэƏəІіıŁłØøĐđЪъЬь',
  'abvgdejziklmnoprstufxcssieabvgdejziklmnoprstufxcssieeeiiilloodd') COLLATE "C"),
  '[^a-z0-9]+' COLLATE "C", ' ', 'g'));
--> statement-breakpoint
-- The words of a text with their places. Not to_tsvector: its parser makes hosts, numbers and stop words of some.
CREATE FUNCTION search_lexemes(text text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT coalesce(string_agg(word || ':' || least(at, 16383), ' '), '')::tsvector
  FROM regexp_split_to_table(search_fold(text), ' ') WITH ORDINALITY AS words(word, at)
  WHERE length(word) BETWEEN 1 AND 200 -- what is longer is no word, and a lexeme has a limit
);
--> statement-breakpoint
-- What stays of a word that is written by ear: its consonants, those that are taken for each other as one.
CREATE FUNCTION search_skeleton(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  left(word, 1) || translate(substr(replace(replace(replace(word, 'sh', 's'), 'ch', 'c'), 'kh', 'x'), 2), 'qghwzaeiouy', 'kkxvs'),
  '(.)\1+', '\1', 'g');
--> statement-breakpoint
CREATE INDEX search_words_skeletons ON search_words (search_skeleton(word));
--> statement-breakpoint
-- Brings the texts of one row up to it. Its arguments: a field of the search, a column, a field, a column, …
-- A column is a text, or a jsonb of texts by language.
CREATE FUNCTION search_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM search_texts WHERE owner = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    WITH columns AS (
      SELECT TG_ARGV[at] AS field, to_jsonb(NEW) -> TG_ARGV[at + 1] AS value
      FROM generate_series(0, TG_NARGS - 2, 2) AS at
    ), texts AS (
      SELECT field, NULL AS language, value #>> '{}' AS text FROM columns WHERE jsonb_typeof(value) = 'string'
      UNION ALL
      SELECT field, upper(key), each.value
      FROM columns, jsonb_each_text(CASE jsonb_typeof(columns.value) WHEN 'object' THEN columns.value END) AS each
    ), made AS (
      INSERT INTO search_texts (owner, field, language, text, lexemes)
      SELECT NEW.id, field::search_field, language::search_language, text, search_lexemes(text)
      FROM texts WHERE text IS NOT NULL
      RETURNING lexemes
    )
    -- In one order, so that two who bring the same new words do not wait for each other in a ring.
    INSERT INTO search_words (word)
    SELECT DISTINCT word FROM made, unnest(tsvector_to_array(lexemes)) AS found(word)
    WHERE NOT EXISTS (SELECT FROM search_words AS known WHERE known.word = found.word)
    ORDER BY word
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF code, name, description ON services
FOR EACH ROW EXECUTE FUNCTION search_follow('CODE', 'code', 'NAME', 'name', 'DESCRIPTION', 'description');
--> statement-breakpoint
CREATE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF code, name ON agencies
FOR EACH ROW EXECUTE FUNCTION search_follow('AGENCY', 'code', 'AGENCY', 'name');
--> statement-breakpoint
CREATE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF name ON life_events
FOR EACH ROW EXECUTE FUNCTION search_follow('LIFE_EVENT', 'name');
--> statement-breakpoint
-- What stood there before.
UPDATE services SET code = code;
--> statement-breakpoint
UPDATE agencies SET code = code;
--> statement-breakpoint
UPDATE life_events SET name = name;
