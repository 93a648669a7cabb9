-- The consonants of a word, for words written by ear. Consonants that are often confused become one.
CREATE OR REPLACE FUNCTION search_skeleton(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
  left(word, 1) || translate(substr(replace(replace(replace(word, 'sh', 's'), 'ch', 'c'), 'kh', 'x'), 2), 'qghwzaeiouy', 'kkxvs'),
  '(.)\1+', '\1', 'g');

-- If the function changes, a migration must REINDEX this.
CREATE INDEX IF NOT EXISTS search_words_skeletons ON search_words (search_skeleton(word));
