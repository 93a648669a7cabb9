CREATE TYPE "public"."agency_type" AS ENUM('MINISTRY', 'STATE_COMMITTEE', 'STATE_SERVICE', 'STATE_AGENCY', 'STATE_FUND', 'STATE_COMPANY', 'PUBLIC_LEGAL_ENTITY', 'DEPARTMENT', 'CENTRAL_BANK', 'COMMISSION', 'COURTS');--> statement-breakpoint
CREATE TYPE "public"."fee_due" AS ENUM('NONE', 'BEFORE_PROCESSING', 'AFTER_APPROVAL');--> statement-breakpoint
CREATE TYPE "public"."term_unit" AS ENUM('INSTANT', 'MINUTE', 'HOUR', 'WORKING_DAY', 'CALENDAR_DAY', 'MONTH');--> statement-breakpoint
CREATE TYPE "public"."audience" AS ENUM('CITIZEN', 'LEGAL_ENTITY', 'SOLE_ENTREPRENEUR', 'FOREIGNER', 'STATELESS');--> statement-breakpoint
CREATE TYPE "public"."direction" AS ENUM('G2C', 'G2B', 'B2G');--> statement-breakpoint
CREATE TYPE "public"."service_status" AS ENUM('DRAFT', 'UNDER_OPINION', 'REGISTERED', 'INTEGRATED', 'ACTIVE', 'SUSPENDED', 'RETIRED');--> statement-breakpoint
CREATE TYPE "public"."assurance" AS ENUM('NONE', 'LOW', 'SUBSTANTIAL', 'HIGH');--> statement-breakpoint
CREATE TYPE "public"."automation" AS ENUM('FULL', 'PARTIAL');--> statement-breakpoint
CREATE TYPE "public"."interaction" AS ENUM('INFORMATIVE', 'INTERACTIVE');--> statement-breakpoint
CREATE TYPE "public"."result_kind" AS ENUM('DOCUMENT', 'DECISION', 'ACKNOWLEDGEMENT', 'INFORMATION', 'VISA', 'REGISTRY_CHANGE', 'REGISTRATION', 'REPLY', 'RECEIPT', 'APPOINTMENT');--> statement-breakpoint
CREATE TYPE "public"."confidence" AS ENUM('SEEN_IN_SOURCE', 'GENERAL_KNOWLEDGE', 'COMMUNITY_ONLY', 'UNKNOWN');--> statement-breakpoint
CREATE TABLE "agencies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"type" "agency_type" NOT NULL,
	"parent_id" uuid,
	"name" jsonb NOT NULL,
	"name_az" text COLLATE "az-x-icu" GENERATED ALWAYS AS (name->>'az') STORED NOT NULL,
	"name_en" text COLLATE "en-x-icu" GENERATED ALWAYS AS (coalesce(name->>'en', name->>'az')) STORED NOT NULL,
	"name_ru" text COLLATE "ru-x-icu" GENERATED ALWAYS AS (coalesce(name->>'ru', name->>'az')) STORED NOT NULL,
	"website" text,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "agencies_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "registries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agency_id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"purpose" jsonb,
	"position" integer NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "registries_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "fees" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"variant" jsonb NOT NULL,
	"amount" bigint,
	"currency" text NOT NULL,
	"due" "fee_due" NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"note" jsonb,
	CONSTRAINT "fees_amount_check" CHECK ("fees"."amount" >= 0),
	CONSTRAINT "fees_unknown_check" CHECK (("fees"."amount" is null) = ("fees"."confidence" = 'UNKNOWN')),
	CONSTRAINT "fees_currency_check" CHECK ("fees"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "legal_bases" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"title" jsonb NOT NULL,
	"article" text,
	"url" text
);
--> statement-breakpoint
CREATE TABLE "life_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"position" integer NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "life_events_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "processing_terms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"variant" jsonb NOT NULL,
	"value" integer,
	"unit" "term_unit" NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "processing_terms_value_check" CHECK ("processing_terms"."value" > 0 or ("processing_terms"."value" = 0 and "processing_terms"."unit" = 'INSTANT')),
	CONSTRAINT "processing_terms_unknown_check" CHECK (("processing_terms"."value" is null) = ("processing_terms"."confidence" = 'UNKNOWN'))
);
--> statement-breakpoint
CREATE TABLE "required_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"name" jsonb NOT NULL,
	"mandatory" boolean NOT NULL,
	"obtainable_from_registry_id" uuid
);
--> statement-breakpoint
CREATE TABLE "services" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"agency_id" uuid NOT NULL,
	"life_event_id" uuid NOT NULL,
	"name" jsonb NOT NULL,
	"name_az" text COLLATE "az-x-icu" GENERATED ALWAYS AS (name->>'az') STORED NOT NULL,
	"name_en" text COLLATE "en-x-icu" GENERATED ALWAYS AS (coalesce(name->>'en', name->>'az')) STORED NOT NULL,
	"name_ru" text COLLATE "ru-x-icu" GENERATED ALWAYS AS (coalesce(name->>'ru', name->>'az')) STORED NOT NULL,
	"description" jsonb,
	"audiences" "audience"[] NOT NULL,
	"direction" "direction" NOT NULL,
	"status" "service_status" NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "services_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "service_steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"name" jsonb NOT NULL,
	"content" jsonb,
	"maximum_value" integer,
	"maximum_unit" "term_unit",
	"agency_id" uuid
);
--> statement-breakpoint
CREATE TABLE "service_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"interaction" "interaction" NOT NULL,
	"automation" "automation" NOT NULL,
	"assurance" "assurance" NOT NULL,
	"signature_required" boolean NOT NULL,
	"delegable" boolean NOT NULL,
	"result" "result_kind" NOT NULL,
	"note" jsonb,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"seeded" jsonb,
	CONSTRAINT "service_versions_service_id_number_unique" UNIQUE("service_id","number"),
	CONSTRAINT "service_versions_number_check" CHECK ("service_versions"."number" >= 1),
	CONSTRAINT "service_versions_validity_check" CHECK ("service_versions"."valid_to" >= "service_versions"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "seeds" (
	"name" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "agencies" ADD CONSTRAINT "agencies_parent_id_agencies_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registries" ADD CONSTRAINT "registries_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fees" ADD CONSTRAINT "fees_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_bases" ADD CONSTRAINT "legal_bases_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "processing_terms" ADD CONSTRAINT "processing_terms_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "required_documents" ADD CONSTRAINT "required_documents_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "required_documents" ADD CONSTRAINT "required_documents_obtainable_from_registry_id_registries_id_fk" FOREIGN KEY ("obtainable_from_registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_life_event_id_life_events_id_fk" FOREIGN KEY ("life_event_id") REFERENCES "public"."life_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_steps" ADD CONSTRAINT "service_steps_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_steps" ADD CONSTRAINT "service_steps_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_versions" ADD CONSTRAINT "service_versions_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agencies_parent_id_name_az_id_index" ON "agencies" USING btree ("parent_id","name_az","id");--> statement-breakpoint
CREATE INDEX "agencies_name_az_id_index" ON "agencies" USING btree ("name_az","id");--> statement-breakpoint
CREATE INDEX "agencies_name_en_id_index" ON "agencies" USING btree ("name_en","id");--> statement-breakpoint
CREATE INDEX "agencies_name_ru_id_index" ON "agencies" USING btree ("name_ru","id");--> statement-breakpoint
CREATE INDEX "registries_agency_id_position_id_index" ON "registries" USING btree ("agency_id","position","id");--> statement-breakpoint
CREATE INDEX "fees_version_id_position_id_index" ON "fees" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "legal_bases_version_id_position_id_index" ON "legal_bases" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "life_events_position_id_index" ON "life_events" USING btree ("position","id");--> statement-breakpoint
CREATE INDEX "processing_terms_version_id_position_id_index" ON "processing_terms" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "required_documents_version_id_position_id_index" ON "required_documents" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "required_documents_obtainable_from_registry_id_index" ON "required_documents" USING btree ("obtainable_from_registry_id");--> statement-breakpoint
CREATE INDEX "services_agency_id_name_az_id_index" ON "services" USING btree ("agency_id","name_az","id");--> statement-breakpoint
CREATE INDEX "services_life_event_id_name_az_id_index" ON "services" USING btree ("life_event_id","name_az","id");--> statement-breakpoint
CREATE INDEX "services_name_az_id_index" ON "services" USING btree ("name_az","id");--> statement-breakpoint
CREATE INDEX "services_name_en_id_index" ON "services" USING btree ("name_en","id");--> statement-breakpoint
CREATE INDEX "services_name_ru_id_index" ON "services" USING btree ("name_ru","id");--> statement-breakpoint
CREATE INDEX "service_steps_version_id_position_id_index" ON "service_steps" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "service_steps_agency_id_index" ON "service_steps" USING btree ("agency_id");