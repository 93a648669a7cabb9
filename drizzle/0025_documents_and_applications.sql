CREATE TYPE "public"."application_origin" AS ENUM('APPLICANT', 'PROACTIVE');--> statement-breakpoint
CREATE TYPE "public"."application_state" AS ENUM('DRAFT', 'AWAITING_CONFIRMATION', 'AWAITING_PAYMENT', 'SUBMITTED', 'REGISTERED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'APPROVED', 'REFUSED', 'DISCONTINUED', 'WITHDRAWN', 'COMPLETED');--> statement-breakpoint
CREATE TYPE "public"."decision_outcome" AS ENUM('APPROVED', 'REFUSED', 'DISCONTINUED');--> statement-breakpoint
CREATE TYPE "public"."payment_timing" AS ENUM('NONE', 'BEFORE', 'AFTER');--> statement-breakpoint
CREATE TYPE "public"."registry_down" AS ENUM('ASKED_OF_PERSON', 'FILLED_LATER');--> statement-breakpoint
CREATE TYPE "public"."term_end" AS ENUM('ESCALATED', 'DEEMED_APPROVED', 'DEEMED_REFUSED');--> statement-breakpoint
CREATE TYPE "public"."document_kind" AS ENUM('RECEIPT', 'DECISION');--> statement-breakpoint
CREATE TYPE "public"."upload_state" AS ENUM('WAITING', 'SCANNING', 'CLEAN', 'INFECTED', 'REFUSED');--> statement-breakpoint
CREATE TABLE "appeals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"decision_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"text" "personal" NOT NULL,
	"filed_by" text NOT NULL,
	"filed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "appeals_decision_id_unique" UNIQUE("decision_id")
);
--> statement-breakpoint
CREATE TABLE "application_signatures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"signature" "personal" NOT NULL,
	"certificate_index" "blind_index",
	"actor" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "applications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"service_id" uuid NOT NULL,
	"service_code" text NOT NULL,
	"version_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"origin" "application_origin" NOT NULL,
	"state" "application_state" NOT NULL,
	"revision" integer NOT NULL,
	"answers" "personal" NOT NULL,
	"prefilled" "personal" NOT NULL,
	"answers_sha256" "bytea",
	"created_by" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"submitted_at" timestamp with time zone,
	"registered_at" timestamp with time zone,
	"not_before" timestamp with time zone,
	"due_on" date,
	"due_at" timestamp with time zone,
	"paused_at" timestamp with time zone,
	"officer_id" uuid,
	"decided_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	CONSTRAINT "applications_number_unique" UNIQUE("number"),
	CONSTRAINT "applications_submitted_check" CHECK (("applications"."state" in ('DRAFT', 'AWAITING_CONFIRMATION')) or "applications"."submitted_at" is not null or "applications"."state" in ('WITHDRAWN', 'AWAITING_PAYMENT', 'DISCONTINUED'))
);
--> statement-breakpoint
CREATE TABLE "attachments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"required_document_id" uuid,
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "attachments_application_id_upload_id_unique" UNIQUE("application_id","upload_id")
);
--> statement-breakpoint
CREATE TABLE "co_applicants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid,
	"code_hash" text NOT NULL,
	"invited_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"confirmed_at" timestamp with time zone,
	CONSTRAINT "co_applicants_confirmed_check" CHECK (("co_applicants"."party_id" is null) = ("co_applicants"."confirmed_at" is null))
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"outcome" "decision_outcome" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"officer_id" uuid,
	"ground" "personal",
	"norm" "personal",
	"appeal_to" text,
	"appeal_until" timestamp with time zone,
	"appeal_id" uuid,
	"document_id" uuid
);
--> statement-breakpoint
CREATE TABLE "timeline_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"type" text NOT NULL,
	"from_state" "application_state",
	"to_state" "application_state" NOT NULL,
	"actor" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"officer_id" uuid,
	"text" "personal",
	"due_on" date,
	"due_reason" text
);
--> statement-breakpoint
CREATE TABLE "processes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"payment" "payment_timing" NOT NULL,
	"term_end" "term_end" NOT NULL,
	"registry_down" "registry_down" NOT NULL,
	"co_applicants" integer NOT NULL,
	"waiting_value" integer,
	"waiting_unit" "term_unit",
	"appeal_days" integer NOT NULL,
	"proactive" boolean NOT NULL,
	"numbered" boolean NOT NULL,
	"confidence" "confidence" NOT NULL,
	CONSTRAINT "processes_version_id_unique" UNIQUE("version_id"),
	CONSTRAINT "processes_co_applicants_check" CHECK ("processes"."co_applicants" between 0 and 5),
	CONSTRAINT "processes_waiting_check" CHECK (("processes"."waiting_value" is null) = ("processes"."waiting_unit" is null) and "processes"."waiting_value" > 0),
	CONSTRAINT "processes_appeal_check" CHECK ("processes"."appeal_days" >= 0)
);
--> statement-breakpoint
CREATE TABLE "issued_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"kind" "document_kind" NOT NULL,
	"party_id" uuid NOT NULL,
	"agency_id" uuid,
	"subject_id" uuid NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"claims" "personal" NOT NULL,
	"code" "personal" NOT NULL,
	"code_index" "blind_index",
	"signature" "personal",
	"key_id" text,
	"pdf_sha256" "bytea",
	"pdf_size" integer,
	"series" text,
	"series_number" integer,
	CONSTRAINT "issued_documents_number_unique" UNIQUE("number"),
	CONSTRAINT "issued_documents_series_series_number_unique" UNIQUE("series","series_number"),
	CONSTRAINT "issued_documents_signature_check" CHECK (("issued_documents"."signature" is null) = ("issued_documents"."key_id" is null)),
	CONSTRAINT "issued_documents_pdf_check" CHECK (("issued_documents"."pdf_sha256" is null) = ("issued_documents"."pdf_size" is null))
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"name" "personal" NOT NULL,
	"size" bigint NOT NULL,
	"sha256" "bytea" NOT NULL,
	"state" "upload_state" NOT NULL,
	"media_type" text,
	"refused_for" text,
	"created_by" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone,
	"scanned_at" timestamp with time zone,
	CONSTRAINT "uploads_size_check" CHECK ("uploads"."size" > 0),
	CONSTRAINT "uploads_sha256_check" CHECK (octet_length("uploads"."sha256") = 32),
	CONSTRAINT "uploads_clean_check" CHECK ("uploads"."state" <> 'CLEAN' or "uploads"."media_type" is not null)
);
--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_decision_id_decisions_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_signatures" ADD CONSTRAINT "application_signatures_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_signatures" ADD CONSTRAINT "application_signatures_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "public"."uploads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_required_document_id_required_documents_id_fk" FOREIGN KEY ("required_document_id") REFERENCES "public"."required_documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "co_applicants" ADD CONSTRAINT "co_applicants_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "co_applicants" ADD CONSTRAINT "co_applicants_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "processes" ADD CONSTRAINT "processes_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_documents" ADD CONSTRAINT "issued_documents_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_documents" ADD CONSTRAINT "issued_documents_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "appeals_application_id_index" ON "appeals" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "application_signatures_application_id_index" ON "application_signatures" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "applications_party_id_since_id_index" ON "applications" USING btree ("party_id","since","id");--> statement-breakpoint
CREATE INDEX "applications_of_agency" ON "applications" USING btree ("agency_id","submitted_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_of_agency_by_state" ON "applications" USING btree ("agency_id","state","submitted_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_of_agency_by_due" ON "applications" USING btree ("agency_id","due_at","id") WHERE "applications"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_of_agency_by_service" ON "applications" USING btree ("agency_id","service_id","submitted_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_of_officer" ON "applications" USING btree ("officer_id","submitted_at","id") WHERE "applications"."officer_id" is not null;--> statement-breakpoint
CREATE INDEX "applications_drafts" ON "applications" USING btree ("expires_at") WHERE "applications"."state" = 'DRAFT';--> statement-breakpoint
CREATE INDEX "attachments_upload_id_index" ON "attachments" USING btree ("upload_id");--> statement-breakpoint
CREATE INDEX "co_applicants_application_id_index" ON "co_applicants" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "co_applicants_party_id_index" ON "co_applicants" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "decisions_application_id_at_id_index" ON "decisions" USING btree ("application_id","at","id");--> statement-breakpoint
CREATE INDEX "decisions_officer_id_index" ON "decisions" USING btree ("officer_id");--> statement-breakpoint
CREATE INDEX "timeline_entries_application_id_at_id_index" ON "timeline_entries" USING btree ("application_id","at","id");--> statement-breakpoint
CREATE INDEX "issued_documents_party_id_issued_at_id_index" ON "issued_documents" USING btree ("party_id","issued_at","id");--> statement-breakpoint
CREATE INDEX "issued_documents_subject_id_index" ON "issued_documents" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "issued_documents_unnumbered" ON "issued_documents" USING btree ("series","id") WHERE "issued_documents"."series" is not null and "issued_documents"."series_number" is null;--> statement-breakpoint
CREATE INDEX "uploads_party_id_since_id_index" ON "uploads" USING btree ("party_id","since","id");--> statement-breakpoint
CREATE INDEX "uploads_waiting" ON "uploads" USING btree ("expires_at") WHERE "uploads"."state" = 'WAITING';