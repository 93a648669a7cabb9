-- Written by hand, for the index of trigrams below; its owner may create it in a database of their own.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE TYPE "public"."search_field" AS ENUM('CODE', 'NAME', 'DESCRIPTION', 'AGENCY', 'LIFE_EVENT');--> statement-breakpoint
CREATE TYPE "public"."search_language" AS ENUM('AZ', 'EN', 'RU');--> statement-breakpoint
CREATE TABLE "search_synonyms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"said" text[] NOT NULL,
	"means" text[] NOT NULL,
	"note" text NOT NULL,
	"seeded" jsonb,
	CONSTRAINT "search_synonyms_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "search_texts" (
	"owner" uuid NOT NULL,
	"field" "search_field" NOT NULL,
	"language" "search_language",
	"text" text NOT NULL,
	"lexemes" "tsvector" NOT NULL,
	CONSTRAINT "search_texts_key" UNIQUE NULLS NOT DISTINCT("owner","field","language")
);
--> statement-breakpoint
CREATE TABLE "search_words" (
	"word" text COLLATE "C" PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE INDEX "search_texts_lexemes" ON "search_texts" USING gin ("lexemes");--> statement-breakpoint
CREATE INDEX "search_words_trigrams" ON "search_words" USING gin ("word" gin_trgm_ops);