CREATE TYPE "public"."calendar_day_type" AS ENUM('PUBLIC_HOLIDAY', 'MOURNING_DAY', 'ELECTION_DAY', 'TRANSFERRED_DAY_OFF', 'SWAPPED_DAY_OFF', 'SWAPPED_WORKING_DAY', 'WORKING_HOLIDAY');--> statement-breakpoint
ALTER TYPE "public"."confidence" ADD VALUE 'RULE_DERIVED' BEFORE 'UNKNOWN';--> statement-breakpoint
CREATE TABLE "calendar_days" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"date" date NOT NULL,
	"type" "calendar_day_type" NOT NULL,
	"name" jsonb NOT NULL,
	"non_working" boolean NOT NULL,
	"transferred_for" date,
	"swapped_with" date,
	"provisional" boolean NOT NULL,
	"legal_basis" text,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "calendar_days_code_unique" UNIQUE("code"),
	CONSTRAINT "calendar_days_swap_check" CHECK (not ("calendar_days"."type" = 'SWAPPED_WORKING_DAY' and "calendar_days"."non_working"))
);
--> statement-breakpoint
CREATE TABLE "calendar_years" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"year" integer NOT NULL,
	"provisional" boolean NOT NULL,
	"accepted_until" time NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "calendar_years_code_unique" UNIQUE("code"),
	CONSTRAINT "calendar_years_year_unique" UNIQUE("year")
);
--> statement-breakpoint
CREATE INDEX "calendar_days_date_index" ON "calendar_days" USING btree ("date");