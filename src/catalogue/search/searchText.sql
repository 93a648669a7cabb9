-- The same as folding.ts; a test compares the two. If this or search_lexemes changes, a migration must update the texts:
-- UPDATE services SET code = code; and so on.
CREATE OR REPLACE FUNCTION search_fold(text text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN trim(regexp_replace(lower(translate(regexp_replace(
  replace(replace(replace(replace(replace(replace(normalize(text, NFKD),
    'Ц', 'ts'), 'ц', 'ts'), 'Ю', 'yu'), 'ю', 'yu'), 'Я', 'ya'), 'я', 'ya'),
  '[\u0300-\u036f''’ʼ`]' COLLATE "C", '', 'g'),
  'АБВГДЕЖЗИКЛМНОПРСТУФХЧШЩЫЭабвгдежзиклмнопрстуфхчшщыэƏəІіıŁłØøĐđЪъЬь',
  'abvgdejziklmnoprstufxcssieabvgdejziklmnoprstufxcssieeeiiilloodd') COLLATE "C"),
  '[^a-z0-9]+' COLLATE "C", ' ', 'g'));

-- The words of a text with their places. Does not use to_tsvector, whose parser turns some words into hosts and numbers.
CREATE OR REPLACE FUNCTION search_lexemes(text text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT coalesce(string_agg(word || ':' || least(at, 16383), ' '), '')::tsvector
  FROM regexp_split_to_table(search_fold(text), ' ') WITH ORDINALITY AS words(word, at)
  WHERE length(word) BETWEEN 1 AND 200 -- what is longer is no word, and a lexeme has a limit
);

-- Updates the texts of one row. Arguments: a field of the search, a column, a field, a column, …
-- A column is a text, or a jsonb of texts by language.
CREATE OR REPLACE FUNCTION search_follow() RETURNS trigger
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
    -- In one order, so that two transactions with the same new words do not deadlock.
    INSERT INTO search_words (word)
    SELECT DISTINCT word FROM made, unnest(tsvector_to_array(lexemes)) AS found(word)
    WHERE NOT EXISTS (SELECT FROM search_words AS known WHERE known.word = found.word)
    ORDER BY word
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF code, name, description, search_words ON services
FOR EACH ROW EXECUTE FUNCTION
  search_follow('CODE', 'code', 'NAME', 'name', 'DESCRIPTION', 'description', 'SEARCH_WORDS', 'search_words');
CREATE OR REPLACE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF code, name ON agencies
FOR EACH ROW EXECUTE FUNCTION search_follow('AGENCY', 'code', 'AGENCY', 'name');
CREATE OR REPLACE TRIGGER search_follow AFTER INSERT OR DELETE OR UPDATE OF name ON life_events
FOR EACH ROW EXECUTE FUNCTION search_follow('LIFE_EVENT', 'name');
