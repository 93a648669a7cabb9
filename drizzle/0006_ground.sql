CREATE TYPE "public"."party_kind" AS ENUM('NATURAL_PERSON', 'LEGAL_ENTITY');--> statement-breakpoint
CREATE TYPE "public"."mode" AS ENUM('SANDBOX', 'PRODUCTION');--> statement-breakpoint
CREATE TYPE "public"."retention_class" AS ENUM('PERMANENT', 'WITH_ITS_SUBJECT', 'TERM', 'TRANSIENT');--> statement-breakpoint
CREATE TABLE "command_keys" (
	"caller" text NOT NULL,
	"party" text NOT NULL,
	"mutation" text NOT NULL,
	"key" text NOT NULL,
	"digest" text NOT NULL,
	"digest_key" text NOT NULL,
	"made" jsonb,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "command_keys_caller_party_mutation_key_pk" PRIMARY KEY("caller","party","mutation","key")
);
--> statement-breakpoint
CREATE TABLE "deadlines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"domain" text NOT NULL,
	"type" text NOT NULL,
	"subject" uuid NOT NULL,
	"party_id" uuid,
	"agency_id" uuid,
	"ids" jsonb NOT NULL,
	CONSTRAINT "deadlines_type_subject_unique" UNIQUE("type","subject")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"position" bigint,
	"domain" text NOT NULL,
	"type" text NOT NULL,
	"subject" uuid NOT NULL,
	"party_id" uuid,
	"agency_id" uuid,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"ids" jsonb NOT NULL,
	CONSTRAINT "events_position_unique" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "event_head" (
	"id" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "event_head_one_row" CHECK ("event_head"."id")
);
--> statement-breakpoint
CREATE TABLE "parties" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "party_kind" NOT NULL,
	"key" "bytea",
	"wrapped_by" text,
	"since" timestamp with time zone NOT NULL,
	"forgotten_at" timestamp with time zone,
	CONSTRAINT "parties_key_check" CHECK (("parties"."key" is null) = ("parties"."forgotten_at" is not null) and ("parties"."key" is null) = ("parties"."wrapped_by" is null))
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"mode" "mode" NOT NULL,
	"keyring_check" text,
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "installation_one_row" CHECK ("installation"."id")
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" varchar(255) PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "retention" (
	"table_name" text PRIMARY KEY NOT NULL,
	"class" "retention_class" NOT NULL,
	"from_column" text,
	"term" interval,
	"reason" text NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text
);
--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "status_note" jsonb;--> statement-breakpoint
ALTER TABLE "services" ADD COLUMN "suspended_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "service_versions" ADD COLUMN "opinion_reference" text;--> statement-breakpoint
ALTER TABLE "service_versions" ADD COLUMN "register_reference" text;--> statement-breakpoint
CREATE INDEX "deadlines_due_at_index" ON "deadlines" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "events_without_position" ON "events" USING btree ("id") WHERE "events"."position" is null;--> statement-breakpoint
CREATE INDEX "events_of_catalogue" ON "events" USING btree ("position") WHERE "events"."domain" in ('agencies', 'catalogue');--> statement-breakpoint
CREATE INDEX "parties_wrapped_by_index" ON "parties" USING btree ("wrapped_by");