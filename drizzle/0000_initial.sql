-- Written by hand: what the tables below need. The owner of a database may create this extension.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- Personal columns say so by their types, which refuse plain values: a version, a nonce, a tag.
CREATE DOMAIN personal AS bytea CHECK (octet_length(VALUE) >= 29 AND get_byte(VALUE, 0) = 1);
--> statement-breakpoint
-- The id of a key, and a keyed hash of 32 bytes in base64url.
CREATE DOMAIN blind_index AS text CHECK (VALUE ~ '^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{43}$');
--> statement-breakpoint
-- Written by drizzle-kit.
CREATE TYPE "public"."agency_type" AS ENUM('MINISTRY', 'STATE_COMMITTEE', 'STATE_SERVICE', 'STATE_AGENCY', 'STATE_FUND', 'STATE_COMPANY', 'PUBLIC_LEGAL_ENTITY', 'DEPARTMENT', 'CENTRAL_BANK', 'COMMISSION', 'COURTS');--> statement-breakpoint
CREATE TYPE "public"."application_origin" AS ENUM('APPLICANT', 'PROACTIVE');--> statement-breakpoint
CREATE TYPE "public"."application_phase" AS ENUM('WAITING_FOR_APPLICANT', 'WAITING_FOR_AGENCY', 'CLOSED');--> statement-breakpoint
CREATE TYPE "public"."application_state" AS ENUM('DRAFT', 'AWAITING_CONFIRMATION', 'AWAITING_ASSESSMENT', 'AWAITING_PAYMENT', 'SUBMITTED', 'REGISTERED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'TRANSFERRED', 'UNDER_APPEAL', 'APPROVED', 'AWAITING_FEE', 'READY', 'REFUSED', 'DISCONTINUED', 'WITHDRAWN', 'EXPIRED', 'LAPSED', 'COMPLETED');--> statement-breakpoint
CREATE TYPE "public"."note_kind" AS ENUM('NOTE', 'PROPOSAL', 'RETURN');--> statement-breakpoint
CREATE TYPE "public"."decision_outcome" AS ENUM('APPROVED', 'REFUSED', 'DISCONTINUED');--> statement-breakpoint
CREATE TYPE "public"."opinion_state" AS ENUM('REQUESTED', 'GIVEN', 'WITHDRAWN');--> statement-breakpoint
CREATE TYPE "public"."transfer_kind" AS ENUM('COMPETENCE', 'ADDRESSEE', 'APPEAL', 'RETURN');--> statement-breakpoint
CREATE TYPE "public"."search_field" AS ENUM('CODE', 'NAME', 'DESCRIPTION', 'SEARCH_WORDS', 'AGENCY', 'LIFE_EVENT');--> statement-breakpoint
CREATE TYPE "public"."search_language" AS ENUM('AZ', 'EN', 'RU');--> statement-breakpoint
CREATE TYPE "public"."application_role" AS ENUM('APPLICANT', 'CO_APPLICANT', 'FOUNDER');--> statement-breakpoint
CREATE TYPE "public"."acknowledger" AS ENUM('RULE', 'AGENCY');--> statement-breakpoint
CREATE TYPE "public"."filing_period" AS ENUM('NONE', 'MONTH', 'QUARTER', 'YEAR');--> statement-breakpoint
CREATE TYPE "public"."registry_down" AS ENUM('ASK_APPLICANT', 'WAIT_FOR_REGISTRY');--> statement-breakpoint
CREATE TYPE "public"."term_end" AS ENUM('ESCALATED', 'DEEMED_APPROVED', 'DEEMED_REFUSED');--> statement-breakpoint
CREATE TYPE "public"."audience" AS ENUM('CITIZEN', 'LEGAL_ENTITY', 'SOLE_ENTREPRENEUR', 'FOREIGNER', 'STATELESS');--> statement-breakpoint
CREATE TYPE "public"."direction" AS ENUM('G2C', 'G2B', 'B2G');--> statement-breakpoint
CREATE TYPE "public"."service_status" AS ENUM('DRAFT', 'UNDER_OPINION', 'REGISTERED', 'INTEGRATED', 'ACTIVE', 'SUSPENDED', 'RETIRED');--> statement-breakpoint
CREATE TYPE "public"."automation" AS ENUM('FULL', 'PARTIAL');--> statement-breakpoint
CREATE TYPE "public"."handled_as" AS ENUM('APPLICATION', 'FILING', 'PAYMENT', 'VISA');--> statement-breakpoint
CREATE TYPE "public"."interaction" AS ENUM('INFORMATIVE', 'INTERACTIVE');--> statement-breakpoint
CREATE TYPE "public"."result_kind" AS ENUM('DOCUMENT', 'DECISION', 'ACKNOWLEDGEMENT', 'INFORMATION', 'VISA', 'REGISTRY_CHANGE', 'REGISTRATION', 'REPLY', 'RECEIPT', 'APPOINTMENT');--> statement-breakpoint
CREATE TYPE "public"."fee_due" AS ENUM('BEFORE_REGISTRATION', 'AFTER_APPROVAL', 'AT_HANDOVER');--> statement-breakpoint
CREATE TYPE "public"."fee_kind" AS ENUM('STATE_DUTY', 'SERVICE_FEE', 'TAX', 'COMMISSION');--> statement-breakpoint
CREATE TYPE "public"."term_purpose" AS ENUM('DECISION', 'STUDY', 'PROACTIVE', 'PAYMENT', 'ISSUE', 'COLLECTION');--> statement-breakpoint
CREATE TYPE "public"."document_kind" AS ENUM('APPLICATION_RECEIPT', 'DECISION', 'FILING_RECEIPT', 'PAYMENT_RECEIPT');--> statement-breakpoint
CREATE TYPE "public"."upload_state" AS ENUM('WAITING', 'SCANNING', 'CLEAN', 'INFECTED', 'REFUSED');--> statement-breakpoint
CREATE TYPE "public"."access_kind" AS ENUM('CALL', 'STORED_ANSWER', 'CASE', 'FILE');--> statement-breakpoint
CREATE TYPE "public"."access_outcome" AS ENUM('SHOWN', 'NOT_FOUND', 'NO_ANSWER', 'REFUSED');--> statement-breakpoint
CREATE TYPE "public"."reference_kind" AS ENUM('PURPOSE', 'GROUND', 'REGISTRY', 'AGENCY', 'PROGRAM', 'MANDATE', 'ACCOUNT', 'IDENTIFIER');--> statement-breakpoint
CREATE TYPE "public"."filing_batch_state" AS ENUM('WAITING', 'RUNNING', 'COMPLETED', 'CANCELLED', 'STOPPED', 'EXPIRED');--> statement-breakpoint
CREATE TYPE "public"."filing_batch_outcome" AS ENUM('FILED', 'REPEATED', 'REFUSED');--> statement-breakpoint
CREATE TYPE "public"."filing_state" AS ENUM('RECEIVED', 'ACCEPTED', 'REJECTED', 'SUPERSEDED', 'WITHDRAWN');--> statement-breakpoint
CREATE TYPE "public"."mandate_kind" AS ENUM('HEAD', 'SEAL_HOLDER', 'DELEGATE', 'EMPLOYEE', 'POWER_OF_ATTORNEY', 'PARENT', 'GUARDIAN', 'CONSENT');--> statement-breakpoint
CREATE TYPE "public"."mandate_source" AS ENUM('REGISTER', 'GRANT');--> statement-breakpoint
CREATE TYPE "public"."power" AS ENUM('VIEW', 'FILE', 'PAY', 'SIGN', 'CONSENT');--> statement-breakpoint
CREATE TYPE "public"."revocation_reason" AS ENUM('NO_LONGER_NEEDED', 'LEFT', 'MISTAKE', 'MISUSE');--> statement-breakpoint
CREATE TYPE "public"."appointment_state" AS ENUM('PROPOSED', 'CONFIRMED', 'ACTIVE', 'ENDED');--> statement-breakpoint
CREATE TYPE "public"."end_reason" AS ENUM('LEFT', 'OTHER_DUTIES', 'MISCONDUCT', 'MISTAKE');--> statement-breakpoint
CREATE TYPE "public"."officer_role" AS ENUM('REVIEWER', 'APPROVER', 'FINANCE', 'ADMIN');--> statement-breakpoint
CREATE TYPE "public"."identifier_type" AS ENUM('FIN', 'VOEN', 'DOCUMENT');--> statement-breakpoint
CREATE TYPE "public"."subject_kind" AS ENUM('CITIZEN', 'FOREIGNER', 'STATELESS', 'OFFICER', 'OPERATOR', 'AUDITOR');--> statement-breakpoint
CREATE TYPE "public"."person_status" AS ENUM('CITIZEN', 'FOREIGNER', 'STATELESS');--> statement-breakpoint
CREATE TYPE "public"."party_kind" AS ENUM('NATURAL_PERSON', 'LEGAL_ENTITY');--> statement-breakpoint
CREATE TYPE "public"."program_revocation" AS ENUM('COMPROMISED', 'REPLACED', 'NO_LONGER_USED', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."charge_state" AS ENUM('OPEN', 'PAID', 'CANCELLED', 'EXPIRED');--> statement-breakpoint
CREATE TYPE "public"."charge_subject" AS ENUM('APPLICATION', 'FINE', 'FILING', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."payment_method" AS ENUM('CARD', 'INSTANT');--> statement-breakpoint
CREATE TYPE "public"."payment_state" AS ENUM('CREATED', 'PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED', 'LATE_SUCCESS', 'REVERSED', 'DISPUTED');--> statement-breakpoint
CREATE TYPE "public"."account_kind" AS ENUM('CLEARING', 'SUSPENSE', 'APPLIED', 'REMITTED');--> statement-breakpoint
CREATE TYPE "public"."ledger_transfer_kind" AS ENUM('CAPTURE', 'APPLY', 'REMIT', 'RELEASE', 'REFUND', 'REVERSAL');--> statement-breakpoint
CREATE TYPE "public"."reconciliation_kind" AS ENUM('MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'CURRENCY', 'UNKNOWN_ORDER', 'NOT_APPLIED', 'DOUBLED', 'STATUS', 'REFUND_REFUSED', 'NOT_NOTIFIED', 'TOTAL');--> statement-breakpoint
CREATE TYPE "public"."reconciliation_state" AS ENUM('OPEN', 'SETTLED');--> statement-breakpoint
CREATE TYPE "public"."settlement_kind" AS ENUM('CAPTURE', 'REFUND', 'REVERSAL');--> statement-breakpoint
CREATE TYPE "public"."refund_kind" AS ENUM('AUTOMATIC', 'REQUESTED');--> statement-breakpoint
CREATE TYPE "public"."refund_state" AS ENUM('REQUESTED', 'APPROVED', 'SENT', 'COMPLETED', 'REJECTED', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."payment_rule" AS ENUM('REFUND_EXAMINATION', 'REFUND_OPINION', 'REFUND_TARGET', 'REFUND_LEGAL_MAXIMUM', 'REFUND_CLAIM_LIMIT', 'SECOND_APPROVAL_ABOVE');--> statement-breakpoint
CREATE TYPE "public"."confidence" AS ENUM('SEEN_IN_SOURCE', 'GENERAL_KNOWLEDGE', 'COMMUNITY_ONLY', 'RULE_DERIVED', 'UNKNOWN');--> statement-breakpoint
CREATE TYPE "public"."mode" AS ENUM('SANDBOX', 'PRODUCTION');--> statement-breakpoint
CREATE TYPE "public"."retention_class" AS ENUM('PERMANENT', 'WITH_ITS_SUBJECT', 'TERM', 'TRANSIENT');--> statement-breakpoint
CREATE TYPE "public"."assurance" AS ENUM('NONE', 'LOW', 'SUBSTANTIAL', 'HIGH');--> statement-breakpoint
CREATE TYPE "public"."calendar_day_type" AS ENUM('PUBLIC_HOLIDAY', 'MOURNING_DAY', 'ELECTION_DAY', 'TRANSFERRED_DAY_OFF', 'SWAPPED_DAY_OFF', 'SWAPPED_WORKING_DAY', 'WORKING_HOLIDAY');--> statement-breakpoint
CREATE TYPE "public"."term_unit" AS ENUM('INSTANT', 'MINUTE', 'HOUR', 'WORKING_DAY', 'CALENDAR_DAY', 'MONTH');--> statement-breakpoint
CREATE SEQUENCE "public"."application_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."document_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."filing_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."charge_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."payment_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."refund_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
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
CREATE TABLE "applications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"service_id" uuid NOT NULL,
	"service_code" text NOT NULL,
	"version_id" uuid NOT NULL,
	"form_version_id" uuid,
	"tariff_id" uuid,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"origin" "application_origin" NOT NULL,
	"state" "application_state" NOT NULL,
	"phase" "application_phase" GENERATED ALWAYS AS (case state when 'DRAFT' then 'WAITING_FOR_APPLICANT'::application_phase when 'AWAITING_CONFIRMATION' then 'WAITING_FOR_APPLICANT'::application_phase when 'AWAITING_ASSESSMENT' then 'WAITING_FOR_AGENCY'::application_phase when 'AWAITING_PAYMENT' then 'WAITING_FOR_APPLICANT'::application_phase when 'SUBMITTED' then 'WAITING_FOR_AGENCY'::application_phase when 'REGISTERED' then 'WAITING_FOR_AGENCY'::application_phase when 'IN_REVIEW' then 'WAITING_FOR_AGENCY'::application_phase when 'INFORMATION_REQUESTED' then 'WAITING_FOR_APPLICANT'::application_phase when 'TRANSFERRED' then 'WAITING_FOR_AGENCY'::application_phase when 'UNDER_APPEAL' then 'WAITING_FOR_AGENCY'::application_phase when 'APPROVED' then 'WAITING_FOR_AGENCY'::application_phase when 'AWAITING_FEE' then 'WAITING_FOR_APPLICANT'::application_phase when 'READY' then 'WAITING_FOR_APPLICANT'::application_phase when 'REFUSED' then 'CLOSED'::application_phase when 'DISCONTINUED' then 'CLOSED'::application_phase when 'WITHDRAWN' then 'CLOSED'::application_phase when 'EXPIRED' then 'CLOSED'::application_phase when 'LAPSED' then 'CLOSED'::application_phase when 'COMPLETED' then 'CLOSED'::application_phase end) STORED NOT NULL,
	"revision" integer NOT NULL,
	"answers" "personal" NOT NULL,
	"prefilled" "personal" NOT NULL,
	"unsettled" text[] DEFAULT '{}' NOT NULL,
	"answers_sha256" "bytea",
	"differing" text[],
	"created_by" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"submitted_at" timestamp with time zone,
	"registered_at" timestamp with time zone,
	"not_before" timestamp with time zone,
	"due_on" date,
	"due_at" timestamp with time zone,
	"paused_at" timestamp with time zone,
	"respond_by" timestamp with time zone,
	"extended_at" timestamp with time zone,
	"escalated_at" timestamp with time zone,
	"officer_id" uuid,
	"proposal_id" uuid,
	"pay_by" timestamp with time zone,
	"decided_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	CONSTRAINT "applications_number_unique" UNIQUE("number"),
	CONSTRAINT "applications_submitted_check" CHECK (("applications"."state" in ('DRAFT', 'AWAITING_CONFIRMATION')) or "applications"."submitted_at" is not null or "applications"."state" in ('WITHDRAWN', 'AWAITING_PAYMENT', 'EXPIRED'))
);
--> statement-breakpoint
CREATE TABLE "application_parties" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid,
	"role" "application_role" NOT NULL,
	"code_hash" text,
	"invited_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"confirmed_at" timestamp with time zone,
	"signed_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "application_parties_application_id_party_id_unique" UNIQUE("application_id","party_id"),
	CONSTRAINT "application_parties_invited_check" CHECK (case when "application_parties"."role" = 'APPLICANT' then "application_parties"."party_id" is not null and num_nonnulls("application_parties"."code_hash", "application_parties"."invited_at", "application_parties"."expires_at", "application_parties"."confirmed_at") = 0
        else num_nulls("application_parties"."code_hash", "application_parties"."invited_at", "application_parties"."expires_at") = 0 and ("application_parties"."party_id" is null) = ("application_parties"."confirmed_at" is null) end)
);
--> statement-breakpoint
CREATE TABLE "attachments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"required_document_id" uuid,
	"attached_at" timestamp with time zone NOT NULL,
	CONSTRAINT "attachments_application_id_upload_id_unique" UNIQUE("application_id","upload_id")
);
--> statement-breakpoint
CREATE TABLE "officer_files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"of_id" uuid NOT NULL,
	"upload_id" uuid NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "officer_files_of_id_upload_id_unique" UNIQUE("of_id","upload_id")
);
--> statement-breakpoint
CREATE TABLE "application_notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"appointment_id" uuid NOT NULL,
	"officer_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" "note_kind" NOT NULL,
	"text" "personal",
	"outcome" "decision_outcome",
	"ground_codes" "personal",
	"norm" "personal"
);
--> statement-breakpoint
CREATE TABLE "application_openings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"officer_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"reason" "personal" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "earlier_answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"answers" "personal" NOT NULL,
	"answers_sha256" "bytea" NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"outcome" "decision_outcome" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"officer_id" uuid,
	"program_id" uuid,
	"reasoning" "personal",
	"norm" "personal",
	"grounds" "personal",
	"appeal_to" jsonb,
	"appeal_until" timestamp with time zone,
	"objection_until" timestamp with time zone,
	"appeal_id" uuid,
	"due_at" timestamp with time zone,
	"document_id" uuid,
	CONSTRAINT "decisions_maker_check" CHECK ("decisions"."officer_id" is null or "decisions"."program_id" is null)
);
--> statement-breakpoint
CREATE TABLE "opinions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"application_number" text NOT NULL,
	"service_id" uuid NOT NULL,
	"service_code" text NOT NULL,
	"party_id" uuid NOT NULL,
	"asking_agency_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"state" "opinion_state" NOT NULL,
	"asked_by" uuid NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"due_on" date NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"question" "personal" NOT NULL,
	"given_by" uuid,
	"text" "personal",
	"ended_at" timestamp with time zone,
	CONSTRAINT "opinions_ended_check" CHECK (("opinions"."state" = 'REQUESTED') = ("opinions"."ended_at" is null)),
	CONSTRAINT "opinions_given_check" CHECK (("opinions"."state" = 'GIVEN') = ("opinions"."text" is not null))
);
--> statement-breakpoint
CREATE TABLE "application_fees" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"fee_id" uuid NOT NULL,
	"amount" bigint,
	"currency" text NOT NULL,
	"due" "fee_due" NOT NULL,
	"assessed_at" timestamp with time zone,
	"charge_id" uuid,
	CONSTRAINT "application_fees_application_id_fee_id_unique" UNIQUE("application_id","fee_id"),
	CONSTRAINT "application_fees_amount_check" CHECK ("application_fees"."amount" >= 0),
	CONSTRAINT "application_fees_charge_check" CHECK ("application_fees"."charge_id" is null or "application_fees"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "application_signatures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"signature" "personal" NOT NULL,
	"sha256" "bytea" NOT NULL,
	"certificate_index" "blind_index",
	"actor" text NOT NULL,
	"at" timestamp with time zone NOT NULL
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
	"transfer_id" uuid,
	"due_on" date,
	"due_reason" text,
	"decision_id" uuid
);
--> statement-breakpoint
CREATE TABLE "application_transfers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"application_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"kind" "transfer_kind" NOT NULL,
	"from_agency_id" uuid NOT NULL,
	"to_agency_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"text" "personal",
	CONSTRAINT "application_transfers_agencies_check" CHECK ("application_transfers"."from_agency_id" <> "application_transfers"."to_agency_id")
);
--> statement-breakpoint
CREATE TABLE "forms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"schema" json NOT NULL,
	"ui" json NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "forms_version_id_unique" UNIQUE("version_id")
);
--> statement-breakpoint
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
CREATE TABLE "filing_rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"period" "filing_period" NOT NULL,
	"one_per_period" boolean NOT NULL,
	"acknowledged_by" "acknowledger" NOT NULL,
	"correction_value" integer,
	"correction_unit" "term_unit",
	"typed_as" text,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "filing_rules_version_id_unique" UNIQUE("version_id"),
	CONSTRAINT "filing_rules_period_check" CHECK (not "filing_rules"."one_per_period" or "filing_rules"."period" <> 'NONE'),
	CONSTRAINT "filing_rules_correction_check" CHECK (("filing_rules"."correction_value" is null) = ("filing_rules"."correction_unit" is null) and "filing_rules"."correction_value" > 0 and "filing_rules"."correction_unit" in ('CALENDAR_DAY', 'MONTH')),
	CONSTRAINT "filing_rules_typed_as_check" CHECK ("filing_rules"."typed_as" ~ '^[a-z][a-zA-Z0-9]{2,60}$')
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
CREATE TABLE "processes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"term_end" "term_end" NOT NULL,
	"term_end_norm" jsonb,
	"registry_down" "registry_down" NOT NULL,
	"co_applicants" integer NOT NULL,
	"waiting_value" integer,
	"waiting_unit" "term_unit",
	"extension" integer,
	"appeal_days" integer NOT NULL,
	"appeal_value" integer,
	"appeal_unit" "term_unit",
	"transfer_value" integer,
	"transfer_unit" "term_unit",
	"addressee" text,
	"proactive" boolean NOT NULL,
	"objection_days" integer NOT NULL,
	"numbered" boolean NOT NULL,
	"one_open" boolean NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "processes_version_id_unique" UNIQUE("version_id"),
	CONSTRAINT "processes_co_applicants_check" CHECK ("processes"."co_applicants" between 0 and 5),
	CONSTRAINT "processes_term_end_check" CHECK ("processes"."term_end" = 'ESCALATED' or "processes"."term_end_norm" is not null),
	CONSTRAINT "processes_waiting_check" CHECK (("processes"."waiting_value" is null) = ("processes"."waiting_unit" is null) and "processes"."waiting_value" > 0),
	CONSTRAINT "processes_extension_check" CHECK ("processes"."extension" >= 0),
	CONSTRAINT "processes_appeal_check" CHECK ("processes"."appeal_days" >= 0),
	CONSTRAINT "processes_objection_check" CHECK ("processes"."objection_days" >= 0),
	CONSTRAINT "processes_appeal_term_check" CHECK (("processes"."appeal_value" is null) = ("processes"."appeal_unit" is null) and "processes"."appeal_value" > 0),
	CONSTRAINT "processes_transfer_term_check" CHECK (("processes"."transfer_value" is null) = ("processes"."transfer_unit" is null) and "processes"."transfer_value" > 0)
);
--> statement-breakpoint
CREATE TABLE "refusal_grounds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"code" text NOT NULL,
	"text" jsonb NOT NULL,
	"norm" jsonb NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "refusal_grounds_version_id_code_unique" UNIQUE("version_id","code")
);
--> statement-breakpoint
CREATE TABLE "required_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"mandatory" boolean NOT NULL,
	"confidence" "confidence" NOT NULL,
	"obtainable_from_registry_id" uuid,
	CONSTRAINT "required_documents_version_id_code_unique" UNIQUE("version_id","code")
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
	"description_confidence" "confidence",
	"search_words" jsonb,
	"audiences" "audience"[] NOT NULL,
	"direction" "direction" NOT NULL,
	"status" "service_status" NOT NULL,
	"status_note" jsonb,
	"suspended_until" timestamp with time zone,
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
	"confidence" "confidence" NOT NULL,
	"agency_id" uuid
);
--> statement-breakpoint
CREATE TABLE "service_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"interaction" "interaction" NOT NULL,
	"handled_as" "handled_as" NOT NULL,
	"automation" "automation" NOT NULL,
	"assurance" "assurance" NOT NULL,
	"signers" "application_role"[] NOT NULL,
	"delegable" boolean NOT NULL,
	"result" "result_kind" NOT NULL,
	"note" jsonb,
	"tariff_questions" json,
	"birth_dates" text[] DEFAULT '{}' NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"withdrawn_at" timestamp with time zone,
	"opinion_reference" text,
	"register_reference" text,
	"seeded" jsonb,
	CONSTRAINT "service_versions_service_id_number_unique" UNIQUE("service_id","number"),
	CONSTRAINT "service_versions_number_check" CHECK ("service_versions"."number" >= 1),
	CONSTRAINT "service_versions_validity_check" CHECK ("service_versions"."valid_to" >= "service_versions"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "fees" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tariff_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"kind" "fee_kind",
	"amount" bigint,
	"currency" text NOT NULL,
	"per" jsonb,
	"due" "fee_due",
	"budget_classification" text,
	"budget_level" text,
	"budget_organisation" text,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"note" jsonb,
	CONSTRAINT "fees_tariff_id_code_unique" UNIQUE("tariff_id","code"),
	CONSTRAINT "fees_amount_check" CHECK ("fees"."amount" >= 0),
	CONSTRAINT "fees_unknown_check" CHECK (("fees"."amount" is null) = ("fees"."confidence" = 'UNKNOWN')),
	CONSTRAINT "fees_due_check" CHECK (("fees"."due" is null) = ("fees"."amount" is not distinct from 0)),
	CONSTRAINT "fees_currency_check" CHECK ("fees"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "processing_terms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tariff_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"purpose" "term_purpose" NOT NULL,
	"value" integer,
	"unit" "term_unit" NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "processing_terms_tariff_id_purpose_unique" UNIQUE("tariff_id","purpose"),
	CONSTRAINT "processing_terms_value_check" CHECK ("processing_terms"."value" > 0 or ("processing_terms"."value" = 0 and "processing_terms"."unit" = 'INSTANT')),
	CONSTRAINT "processing_terms_unknown_check" CHECK (("processing_terms"."value" is null) = ("processing_terms"."confidence" = 'UNKNOWN'))
);
--> statement-breakpoint
CREATE TABLE "tariffs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"condition" jsonb NOT NULL,
	CONSTRAINT "tariffs_version_id_code_unique" UNIQUE("version_id","code")
);
--> statement-breakpoint
CREATE TABLE "document_parties" (
	"document_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	CONSTRAINT "document_parties_document_id_party_id_pk" PRIMARY KEY("document_id","party_id")
);
--> statement-breakpoint
CREATE TABLE "issued_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"kind" "document_kind" NOT NULL,
	"party_id" uuid NOT NULL,
	"agency_id" uuid,
	"subject_id" uuid NOT NULL,
	"service_code" text,
	"issued_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"claims" "personal" NOT NULL,
	"code" "personal" NOT NULL,
	"code_index" "blind_index",
	"signature" "personal",
	"key_id" text,
	"pdf_sha256" "bytea",
	"pdf_size" integer,
	"pdf_requested_at" timestamp with time zone,
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
	"subject_id" uuid,
	"name" "personal" NOT NULL,
	"size" bigint NOT NULL,
	"sha256" "bytea" NOT NULL,
	"state" "upload_state" NOT NULL,
	"media_type" text,
	"refused_for" text,
	"created_by" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone,
	"scanned_at" timestamp with time zone,
	CONSTRAINT "uploads_size_check" CHECK ("uploads"."size" > 0),
	CONSTRAINT "uploads_sha256_check" CHECK (octet_length("uploads"."sha256") = 32),
	CONSTRAINT "uploads_clean_check" CHECK ("uploads"."state" <> 'CLEAN' or "uploads"."media_type" is not null)
);
--> statement-breakpoint
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
	"service_code" text,
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
	"service_code" text,
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
CREATE TABLE "job_heads" (
	"name" text PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accesses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"position" bigint,
	"at" timestamp with time zone NOT NULL,
	"kind" "access_kind" NOT NULL,
	"party_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"actor_party_id" uuid,
	"program_id" uuid,
	"agency_id" uuid,
	"mandate_ids" uuid[] NOT NULL,
	"registry_id" uuid,
	"fields" text[] NOT NULL,
	"purpose_id" uuid NOT NULL,
	"ground_id" uuid,
	"application" text,
	"message_id" text,
	"request_hash" text,
	"outcome" "access_outcome" NOT NULL,
	"release_at" timestamp with time zone NOT NULL,
	"salt" "bytea" NOT NULL,
	"digest" "bytea" NOT NULL,
	CONSTRAINT "accesses_position_unique" UNIQUE("position"),
	CONSTRAINT "accesses_salt_check" CHECK (octet_length("accesses"."salt") = 16),
	CONSTRAINT "accesses_digest_check" CHECK (octet_length("accesses"."digest") = 32)
);
--> statement-breakpoint
CREATE TABLE "access_checkpoints" (
	"number" bigint PRIMARY KEY NOT NULL,
	"first_position" bigint NOT NULL,
	"last_position" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"previous" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"signature" "bytea" NOT NULL,
	CONSTRAINT "access_checkpoints_range_check" CHECK ("access_checkpoints"."last_position" >= "access_checkpoints"."first_position" and "access_checkpoints"."first_position" > 0)
);
--> statement-breakpoint
CREATE TABLE "access_references" (
	"ref_id" uuid NOT NULL,
	"checkpoint_number" bigint NOT NULL,
	"kind" "reference_kind" NOT NULL,
	"value" text NOT NULL,
	"mark" "bytea",
	CONSTRAINT "access_references_ref_id_checkpoint_number_pk" PRIMARY KEY("ref_id","checkpoint_number"),
	CONSTRAINT "access_references_mark_check" CHECK (octet_length("access_references"."mark") = 32)
);
--> statement-breakpoint
CREATE TABLE "purposes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"secret_for" interval,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "purposes_code_unique" UNIQUE("code"),
	CONSTRAINT "purposes_secret_check" CHECK ("purposes"."secret_for" > interval '0')
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"purpose_id" uuid NOT NULL,
	"registries" text[] NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"given_by" text NOT NULL,
	"given_under" uuid[] NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	CONSTRAINT "consents_registries_check" CHECK (cardinality("consents"."registries") > 0),
	CONSTRAINT "consents_validity_check" CHECK ("consents"."valid_to" > "consents"."valid_from"),
	CONSTRAINT "consents_withdrawn_check" CHECK (("consents"."withdrawn_at" is null) = ("consents"."withdrawn_by" is null))
);
--> statement-breakpoint
CREATE TABLE "legal_grounds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"agency_id" uuid,
	"registry_id" uuid,
	"purpose_id" uuid NOT NULL,
	"fields" text[],
	"basis" jsonb NOT NULL,
	"consent_required" boolean NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "legal_grounds_code_unique" UNIQUE("code"),
	CONSTRAINT "legal_grounds_registry_check" CHECK ("legal_grounds"."registry_id" is not null or "legal_grounds"."agency_id" is null and "legal_grounds"."fields" is null),
	CONSTRAINT "legal_grounds_fields_check" CHECK (cardinality("legal_grounds"."fields") > 0),
	CONSTRAINT "legal_grounds_validity_check" CHECK ("legal_grounds"."valid_to" >= "legal_grounds"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "registry_answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"registry_id" uuid NOT NULL,
	"record" "personal",
	"service" text NOT NULL,
	"message_id" text NOT NULL,
	"request_hash" text,
	"fetched_at" timestamp with time zone NOT NULL,
	CONSTRAINT "registry_answers_party_id_registry_id_unique" UNIQUE("party_id","registry_id")
);
--> statement-breakpoint
CREATE TABLE "filing_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"created_by" text NOT NULL,
	"state" "filing_batch_state" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"size" bigint NOT NULL,
	"sha256" "bytea" NOT NULL,
	"signature" "personal",
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"changed_at" timestamp with time zone NOT NULL,
	"lines" integer,
	"done" integer DEFAULT 0 NOT NULL,
	"filed" integer DEFAULT 0 NOT NULL,
	"repeated" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"mandate_ids" uuid[] DEFAULT '{}' NOT NULL,
	"stopped_for" text,
	"worked_at" timestamp with time zone,
	CONSTRAINT "filing_batches_size_check" CHECK ("filing_batches"."size" > 0),
	CONSTRAINT "filing_batches_sha256_check" CHECK (octet_length("filing_batches"."sha256") = 32),
	CONSTRAINT "filing_batches_counts_check" CHECK ("filing_batches"."done" = "filing_batches"."filed" + "filing_batches"."repeated" + "filing_batches"."refused" and "filing_batches"."done" <= coalesce("filing_batches"."lines", "filing_batches"."done")),
	CONSTRAINT "filing_batches_ended_check" CHECK (("filing_batches"."state" in ('WAITING', 'RUNNING')) = ("filing_batches"."ended_at" is null)),
	CONSTRAINT "filing_batches_stopped_check" CHECK (("filing_batches"."state" = 'STOPPED') = ("filing_batches"."stopped_for" is not null))
);
--> statement-breakpoint
CREATE TABLE "filing_batch_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"batch_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"party_id" uuid NOT NULL,
	"external_number" text,
	"outcome" "filing_batch_outcome" NOT NULL,
	"filing_id" uuid,
	"user_errors" "personal",
	CONSTRAINT "filing_batch_lines_batch_id_line_unique" UNIQUE("batch_id","line"),
	CONSTRAINT "filing_batch_lines_line_check" CHECK ("filing_batch_lines"."line" >= 1),
	CONSTRAINT "filing_batch_lines_outcome_check" CHECK (("filing_batch_lines"."outcome" = 'REFUSED') = ("filing_batch_lines"."user_errors" is not null) and ("filing_batch_lines"."outcome" = 'REFUSED') = ("filing_batch_lines"."filing_id" is null))
);
--> statement-breakpoint
CREATE TABLE "filings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"party_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"service_id" uuid NOT NULL,
	"service_code" text NOT NULL,
	"version_id" uuid NOT NULL,
	"period" text,
	"external_number" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"digest_key" text NOT NULL,
	"state" "filing_state" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"live_period" text,
	"replaces_id" uuid,
	"content" "personal" NOT NULL,
	"signature" "personal",
	"signer_id" uuid,
	"created_by" text NOT NULL,
	"mandate_ids" uuid[] NOT NULL,
	"batch_id" uuid,
	"received_at" timestamp with time zone NOT NULL,
	"acknowledged_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"changed_at" timestamp with time zone NOT NULL,
	"agency_number" text,
	"faults" "personal",
	"leased_by" text,
	"lease_id" uuid,
	"leased_until" timestamp with time zone,
	CONSTRAINT "filings_number_unique" UNIQUE("number"),
	CONSTRAINT "filings_party_id_external_number_unique" UNIQUE("party_id","external_number"),
	CONSTRAINT "filings_acknowledged_check" CHECK ("filings"."state" not in ('ACCEPTED', 'REJECTED') or "filings"."acknowledged_at" is not null),
	CONSTRAINT "filings_ended_check" CHECK (("filings"."state" in ('SUPERSEDED', 'WITHDRAWN')) = ("filings"."ended_at" is not null)),
	CONSTRAINT "filings_live_check" CHECK ("filings"."live_period" is null or ("filings"."state" in ('RECEIVED', 'ACCEPTED') and "filings"."live_period" = "filings"."period")),
	CONSTRAINT "filings_lease_check" CHECK (("filings"."lease_id" is null) = ("filings"."leased_until" is null) and ("filings"."lease_id" is null) = ("filings"."leased_by" is null)),
	CONSTRAINT "filings_faults_check" CHECK (("filings"."state" = 'REJECTED') = ("filings"."faults" is not null))
);
--> statement-breakpoint
CREATE TABLE "mandates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"principal_id" uuid NOT NULL,
	"holder_id" uuid NOT NULL,
	"holder_identifier_id" uuid,
	"kind" "mandate_kind" NOT NULL,
	"powers" "power"[] NOT NULL,
	"services" text[],
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone,
	"source" "mandate_source" NOT NULL,
	"granted_by" uuid,
	"granted_under" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	"revoked_for" "revocation_reason",
	CONSTRAINT "mandates_powers_check" CHECK (cardinality("mandates"."powers") > 0),
	CONSTRAINT "mandates_validity_check" CHECK ("mandates"."valid_to" > "mandates"."valid_from"),
	CONSTRAINT "mandates_granted_check" CHECK (("mandates"."source" = 'GRANT') = ("mandates"."granted_by" is not null)),
	CONSTRAINT "mandates_revoked_check" CHECK (("mandates"."revoked_at" is null) = ("mandates"."revoked_by" is null))
);
--> statement-breakpoint
CREATE TABLE "appointments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"roles" "officer_role"[] NOT NULL,
	"state" "appointment_state" NOT NULL,
	"proposed_by" text NOT NULL,
	"confirmed_by" text,
	"ended_by" text,
	"code_hash" text,
	"created_at" timestamp with time zone NOT NULL,
	"active_from" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"end_reason" "end_reason",
	"replacing" "end_reason",
	CONSTRAINT "appointments_roles_check" CHECK (cardinality("appointments"."roles") > 0),
	CONSTRAINT "appointments_active_check" CHECK ("appointments"."state" <> 'ACTIVE' or "appointments"."active_from" is not null),
	CONSTRAINT "appointments_ended_check" CHECK (("appointments"."state" = 'ENDED') = ("appointments"."ended_at" is not null)),
	CONSTRAINT "appointments_two_persons_check" CHECK ("appointments"."proposed_by" <> "appointments"."confirmed_by")
);
--> statement-breakpoint
CREATE TABLE "identifiers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"type" "identifier_type" NOT NULL,
	"value" "personal" NOT NULL,
	"value_index" "blind_index",
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "identifiers_value_index_unique" UNIQUE("value_index")
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"kind" "subject_kind" NOT NULL,
	"subject_index" "blind_index",
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "identities_subject_index_unique" UNIQUE("subject_index")
);
--> statement-breakpoint
CREATE TABLE "particulars" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"status" "person_status",
	"name" "personal",
	"birth_date" "personal",
	"source" text NOT NULL,
	"assurance" "assurance" DEFAULT 'NONE' NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "particulars_party_id_unique" UNIQUE("party_id")
);
--> statement-breakpoint
CREATE TABLE "parties" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "party_kind" NOT NULL,
	"key" "bytea",
	"wrapped_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"forgotten_at" timestamp with time zone,
	CONSTRAINT "parties_key_check" CHECK (("parties"."key" is null) = ("parties"."forgotten_at" is not null) and ("parties"."key" is null) = ("parties"."wrapped_by" is null))
);
--> statement-breakpoint
CREATE TABLE "oauth_payloads" (
	"model" text NOT NULL,
	"id_hash" text NOT NULL,
	"payload" jsonb NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "oauth_payloads_model_id_hash_pk" PRIMARY KEY("model","id_hash")
);
--> statement-breakpoint
CREATE TABLE "programs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid,
	"agency_id" uuid,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"networks" text[],
	"secret_hash" text,
	"former_secret_hash" text,
	"former_secret_until" timestamp with time zone,
	"jwks" jsonb,
	"registered_by" text NOT NULL,
	"registered_under" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	"revoked_because" "program_revocation",
	CONSTRAINT "programs_owner_check" CHECK (("programs"."party_id" is null) <> ("programs"."agency_id" is null)),
	CONSTRAINT "programs_scopes_check" CHECK (cardinality("programs"."scopes") > 0),
	CONSTRAINT "programs_secret_or_key_check" CHECK (("programs"."secret_hash" is null) <> ("programs"."jwks" is null)),
	CONSTRAINT "programs_former_secret_check" CHECK (("programs"."former_secret_hash" is null) = ("programs"."former_secret_until" is null)),
	CONSTRAINT "programs_revoked_check" CHECK (("programs"."revoked_at" is null) = ("programs"."revoked_by" is null))
);
--> statement-breakpoint
CREATE TABLE "charges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid,
	"subject_type" charge_subject NOT NULL,
	"subject_id" uuid,
	"reference" text,
	"service_code" text,
	"due" "fee_due",
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"paid" bigint DEFAULT 0 NOT NULL,
	"state" charge_state NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"pay_by" timestamp with time zone,
	"paid_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"changed_at" timestamp with time zone NOT NULL,
	"reason" "personal",
	"code" "personal",
	"code_index" "blind_index",
	CONSTRAINT "charges_number_unique" UNIQUE("number"),
	CONSTRAINT "charges_amount_check" CHECK ("charges"."amount" > 0),
	CONSTRAINT "charges_paid_check" CHECK ("charges"."paid" in (0, "charges"."amount") and ("charges"."state" = 'PAID') = ("charges"."paid" = "charges"."amount")),
	CONSTRAINT "charges_paid_at_check" CHECK (("charges"."state" = 'PAID') = ("charges"."paid_at" is not null)),
	CONSTRAINT "charges_ended_check" CHECK (("charges"."state" in ('CANCELLED', 'EXPIRED')) = ("charges"."ended_at" is not null)),
	CONSTRAINT "charges_personal_check" CHECK ("charges"."party_id" is not null or ("charges"."code" is null and "charges"."code_index" is null and "charges"."reason" is null)),
	CONSTRAINT "charges_currency_check" CHECK ("charges"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "charges_subject_check" CHECK ("charges"."subject_id" is not null or "charges"."reference" is not null)
);
--> statement-breakpoint
CREATE TABLE "charge_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"charge_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"kind" "fee_kind",
	"name" jsonb NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"budget_classification" text,
	"budget_level" text,
	"budget_organisation" text,
	CONSTRAINT "charge_lines_charge_id_position_unique" UNIQUE("charge_id","position"),
	CONSTRAINT "charge_lines_amount_check" CHECK ("charge_lines"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "callback_nonces" (
	"provider" text NOT NULL,
	"nonce" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "callback_nonces_provider_nonce_pk" PRIMARY KEY("provider","nonce")
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"party_id" uuid NOT NULL,
	"anonymous" boolean NOT NULL,
	"provider" text NOT NULL,
	"method" "payment_method" NOT NULL,
	"alias" "personal",
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"state" "payment_state" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"language" text NOT NULL,
	"return_to" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"session" text,
	"captured_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payments_number_unique" UNIQUE("number"),
	CONSTRAINT "payments_amount_check" CHECK ("payments"."amount" > 0),
	CONSTRAINT "payments_captured_check" CHECK (("payments"."state" in ('SUCCEEDED', 'LATE_SUCCESS', 'REVERSED', 'DISPUTED')) = ("payments"."captured_at" is not null)),
	CONSTRAINT "payments_ended_check" CHECK ("payments"."state" not in ('FAILED', 'CANCELLED', 'EXPIRED', 'LATE_SUCCESS') or "payments"."ended_at" is not null),
	CONSTRAINT "payments_currency_check" CHECK ("payments"."currency" ~ '^[A-Z]{3}$')
);
--> statement-breakpoint
CREATE TABLE "payment_items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"charge_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	CONSTRAINT "payment_items_payment_id_position_unique" UNIQUE("payment_id","position"),
	CONSTRAINT "payment_items_payment_id_charge_id_unique" UNIQUE("payment_id","charge_id"),
	CONSTRAINT "payment_items_amount_check" CHECK ("payment_items"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "ledger_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "account_kind" NOT NULL,
	"currency" text NOT NULL,
	"provider" text,
	"agency_id" uuid,
	CONSTRAINT "ledger_accounts_of" UNIQUE NULLS NOT DISTINCT("kind","currency","provider","agency_id"),
	CONSTRAINT "ledger_accounts_currency" UNIQUE("id","currency"),
	CONSTRAINT "ledger_accounts_provider_check" CHECK (("ledger_accounts"."kind" = 'CLEARING') = ("ledger_accounts"."provider" is not null)),
	CONSTRAINT "ledger_accounts_agency_check" CHECK (("ledger_accounts"."kind" in ('APPLIED', 'REMITTED')) = ("ledger_accounts"."agency_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "ledger_transfers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "ledger_transfer_kind" NOT NULL,
	"debit_id" uuid NOT NULL,
	"credit_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"payment_id" uuid NOT NULL,
	"charge_id" uuid,
	"refund_id" uuid,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "ledger_transfers_amount_check" CHECK ("ledger_transfers"."amount" > 0),
	CONSTRAINT "ledger_transfers_sides_check" CHECK ("ledger_transfers"."debit_id" <> "ledger_transfers"."credit_id"),
	CONSTRAINT "ledger_transfers_charge_check" CHECK (("ledger_transfers"."kind" in ('APPLY', 'REMIT', 'RELEASE')) = ("ledger_transfers"."charge_id" is not null)),
	CONSTRAINT "ledger_transfers_refund_check" CHECK ("ledger_transfers"."kind" <> 'REFUND' or "ledger_transfers"."refund_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "reconciliations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "reconciliation_kind" NOT NULL,
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	"agency_id" uuid,
	"settler_id" uuid GENERATED ALWAYS AS (coalesce(agency_id, '00000000-0000-0000-0000-000000000000')) STORED NOT NULL,
	"payment_id" uuid,
	"charge_id" uuid,
	"refund_id" uuid,
	"amount" bigint,
	"currency" text,
	"bank_amount" bigint,
	"bank_currency" text,
	"state" "reconciliation_state" NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	"settled_by" uuid,
	"reason" text,
	CONSTRAINT "reconciliations_kind_provider_subject_unique" UNIQUE("kind","provider","subject"),
	CONSTRAINT "reconciliations_settled_check" CHECK (("reconciliations"."state" = 'SETTLED') = ("reconciliations"."settled_at" is not null)),
	CONSTRAINT "reconciliations_reason_check" CHECK (("reconciliations"."state" = 'SETTLED') = ("reconciliations"."reason" is not null)),
	CONSTRAINT "reconciliations_settled_by_check" CHECK ("reconciliations"."settled_by" is null or "reconciliations"."state" = 'SETTLED')
);
--> statement-breakpoint
CREATE TABLE "settlement_days" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"day" date NOT NULL,
	"entries" integer NOT NULL,
	"reconciled_at" timestamp with time zone NOT NULL,
	CONSTRAINT "settlement_days_provider_day_unique" UNIQUE("provider","day")
);
--> statement-breakpoint
CREATE TABLE "settlement_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"entry_id" text NOT NULL,
	"day" date NOT NULL,
	"kind" "settlement_kind" NOT NULL,
	"order_id" text NOT NULL,
	"refund_id" text,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"agreed_at" timestamp with time zone,
	CONSTRAINT "settlement_entries_provider_entry_id_unique" UNIQUE("provider","entry_id"),
	CONSTRAINT "settlement_entries_amount_check" CHECK ("settlement_entries"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"kind" "refund_kind" NOT NULL,
	"payment_id" uuid NOT NULL,
	"charge_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"party_id" uuid NOT NULL,
	"service_code" text,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"state" "refund_state" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"ground_id" uuid,
	"reason" "personal",
	"requested_by" uuid,
	"requested_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone,
	"latest_at" timestamp with time zone,
	"decided_at" timestamp with time zone,
	"rejected_by" uuid,
	"rejection" "personal",
	"sent_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "refunds_number_unique" UNIQUE("number"),
	CONSTRAINT "refunds_amount_check" CHECK ("refunds"."amount" > 0),
	CONSTRAINT "refunds_currency_check" CHECK ("refunds"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "refunds_requested_check" CHECK (("refunds"."kind" = 'REQUESTED') = all(array["refunds"."ground_id" is not null, "refunds"."requested_by" is not null,
        "refunds"."due_at" is not null, "refunds"."latest_at" is not null])),
	CONSTRAINT "refunds_automatic_check" CHECK ("refunds"."kind" = 'REQUESTED' or "refunds"."state" not in ('REQUESTED', 'REJECTED')),
	CONSTRAINT "refunds_decided_check" CHECK (("refunds"."state" = 'REQUESTED') = ("refunds"."decided_at" is null)),
	CONSTRAINT "refunds_sent_check" CHECK ("refunds"."state" not in ('SENT', 'COMPLETED') or "refunds"."sent_at" is not null),
	CONSTRAINT "refunds_ended_check" CHECK (("refunds"."state" in ('COMPLETED', 'REJECTED', 'FAILED')) = ("refunds"."ended_at" is not null)),
	CONSTRAINT "refunds_rejected_check" CHECK (("refunds"."state" = 'REJECTED') = ("refunds"."rejected_by" is not null))
);
--> statement-breakpoint
CREATE TABLE "refund_approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"refund_id" uuid NOT NULL,
	"officer_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "refund_approvals_refund_id_officer_id_unique" UNIQUE("refund_id","officer_id")
);
--> statement-breakpoint
CREATE TABLE "refund_grounds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"subjects" charge_subject[],
	"except_services" text[] NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "refund_grounds_code_unique" UNIQUE("code"),
	CONSTRAINT "refund_grounds_subjects_check" CHECK (cardinality("refund_grounds"."subjects") > 0),
	CONSTRAINT "refund_grounds_validity_check" CHECK ("refund_grounds"."valid_to" >= "refund_grounds"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "payment_rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"rule" "payment_rule" NOT NULL,
	"value" bigint NOT NULL,
	"unit" "term_unit",
	"currency" text,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"confidence" "confidence" NOT NULL,
	"source" text,
	"seeded" jsonb,
	CONSTRAINT "payment_rules_code_unique" UNIQUE("code"),
	CONSTRAINT "payment_rules_value_check" CHECK ("payment_rules"."value" > 0),
	CONSTRAINT "payment_rules_unit_check" CHECK (("payment_rules"."unit" is null) = ("payment_rules"."currency" is not null)),
	CONSTRAINT "payment_rules_kind_check" CHECK (("payment_rules"."rule" = 'SECOND_APPROVAL_ABOVE') = ("payment_rules"."currency" is not null)),
	CONSTRAINT "payment_rules_validity_check" CHECK ("payment_rules"."valid_to" >= "payment_rules"."valid_from")
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
CREATE TABLE "seeds" (
	"name" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
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
ALTER TABLE "agencies" ADD CONSTRAINT "agencies_parent_id_agencies_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registries" ADD CONSTRAINT "registries_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_form_version_id_service_versions_id_fk" FOREIGN KEY ("form_version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_tariff_id_tariffs_id_fk" FOREIGN KEY ("tariff_id") REFERENCES "public"."tariffs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "applications" ADD CONSTRAINT "applications_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_parties" ADD CONSTRAINT "application_parties_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_parties" ADD CONSTRAINT "application_parties_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "public"."uploads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_required_document_id_required_documents_id_fk" FOREIGN KEY ("required_document_id") REFERENCES "public"."required_documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "officer_files" ADD CONSTRAINT "officer_files_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "officer_files" ADD CONSTRAINT "officer_files_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "public"."uploads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_notes" ADD CONSTRAINT "application_notes_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_notes" ADD CONSTRAINT "application_notes_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_notes" ADD CONSTRAINT "application_notes_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_notes" ADD CONSTRAINT "application_notes_appointment_id_appointments_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_notes" ADD CONSTRAINT "application_notes_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earlier_answers" ADD CONSTRAINT "earlier_answers_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earlier_answers" ADD CONSTRAINT "earlier_answers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_decision_id_decisions_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_asking_agency_id_agencies_id_fk" FOREIGN KEY ("asking_agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_asked_by_parties_id_fk" FOREIGN KEY ("asked_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "opinions" ADD CONSTRAINT "opinions_given_by_parties_id_fk" FOREIGN KEY ("given_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_fees" ADD CONSTRAINT "application_fees_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_fees" ADD CONSTRAINT "application_fees_fee_id_fees_id_fk" FOREIGN KEY ("fee_id") REFERENCES "public"."fees"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_fees" ADD CONSTRAINT "application_fees_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_signatures" ADD CONSTRAINT "application_signatures_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_signatures" ADD CONSTRAINT "application_signatures_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_transfer_id_application_transfers_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."application_transfers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_transfers" ADD CONSTRAINT "application_transfers_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_transfers" ADD CONSTRAINT "application_transfers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_transfers" ADD CONSTRAINT "application_transfers_from_agency_id_agencies_id_fk" FOREIGN KEY ("from_agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_transfers" ADD CONSTRAINT "application_transfers_to_agency_id_agencies_id_fk" FOREIGN KEY ("to_agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "forms" ADD CONSTRAINT "forms_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_rules" ADD CONSTRAINT "filing_rules_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_bases" ADD CONSTRAINT "legal_bases_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "processes" ADD CONSTRAINT "processes_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refusal_grounds" ADD CONSTRAINT "refusal_grounds_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "required_documents" ADD CONSTRAINT "required_documents_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "required_documents" ADD CONSTRAINT "required_documents_obtainable_from_registry_id_registries_id_fk" FOREIGN KEY ("obtainable_from_registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_life_event_id_life_events_id_fk" FOREIGN KEY ("life_event_id") REFERENCES "public"."life_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_steps" ADD CONSTRAINT "service_steps_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_steps" ADD CONSTRAINT "service_steps_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_versions" ADD CONSTRAINT "service_versions_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fees" ADD CONSTRAINT "fees_tariff_id_tariffs_id_fk" FOREIGN KEY ("tariff_id") REFERENCES "public"."tariffs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "processing_terms" ADD CONSTRAINT "processing_terms_tariff_id_tariffs_id_fk" FOREIGN KEY ("tariff_id") REFERENCES "public"."tariffs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tariffs" ADD CONSTRAINT "tariffs_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_parties" ADD CONSTRAINT "document_parties_document_id_issued_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."issued_documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_parties" ADD CONSTRAINT "document_parties_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_documents" ADD CONSTRAINT "issued_documents_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_documents" ADD CONSTRAINT "issued_documents_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_actor_party_id_parties_id_fk" FOREIGN KEY ("actor_party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_registry_id_registries_id_fk" FOREIGN KEY ("registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_purpose_id_purposes_id_fk" FOREIGN KEY ("purpose_id") REFERENCES "public"."purposes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_ground_id_legal_grounds_id_fk" FOREIGN KEY ("ground_id") REFERENCES "public"."legal_grounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_purpose_id_purposes_id_fk" FOREIGN KEY ("purpose_id") REFERENCES "public"."purposes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_grounds" ADD CONSTRAINT "legal_grounds_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_grounds" ADD CONSTRAINT "legal_grounds_registry_id_registries_id_fk" FOREIGN KEY ("registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_grounds" ADD CONSTRAINT "legal_grounds_purpose_id_purposes_id_fk" FOREIGN KEY ("purpose_id") REFERENCES "public"."purposes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registry_answers" ADD CONSTRAINT "registry_answers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registry_answers" ADD CONSTRAINT "registry_answers_registry_id_registries_id_fk" FOREIGN KEY ("registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_batches" ADD CONSTRAINT "filing_batches_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_batches" ADD CONSTRAINT "filing_batches_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_batch_lines" ADD CONSTRAINT "filing_batch_lines_batch_id_filing_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."filing_batches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_batch_lines" ADD CONSTRAINT "filing_batch_lines_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filing_batch_lines" ADD CONSTRAINT "filing_batch_lines_filing_id_filings_id_fk" FOREIGN KEY ("filing_id") REFERENCES "public"."filings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_replaces_id_filings_id_fk" FOREIGN KEY ("replaces_id") REFERENCES "public"."filings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "filings" ADD CONSTRAINT "filings_signer_id_parties_id_fk" FOREIGN KEY ("signer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_principal_id_parties_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_holder_id_parties_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_holder_identifier_id_identifiers_id_fk" FOREIGN KEY ("holder_identifier_id") REFERENCES "public"."identifiers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_granted_by_parties_id_fk" FOREIGN KEY ("granted_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identifiers" ADD CONSTRAINT "identifiers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "particulars" ADD CONSTRAINT "particulars_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charge_lines" ADD CONSTRAINT "charge_lines_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_items" ADD CONSTRAINT "payment_items_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_items" ADD CONSTRAINT "payment_items_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD CONSTRAINT "ledger_accounts_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transfers" ADD CONSTRAINT "ledger_transfers_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transfers" ADD CONSTRAINT "ledger_transfers_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transfers" ADD CONSTRAINT "ledger_transfers_debit_fk" FOREIGN KEY ("debit_id","currency") REFERENCES "public"."ledger_accounts"("id","currency") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_transfers" ADD CONSTRAINT "ledger_transfers_credit_fk" FOREIGN KEY ("credit_id","currency") REFERENCES "public"."ledger_accounts"("id","currency") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_refund_id_refunds_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."refunds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_settled_by_parties_id_fk" FOREIGN KEY ("settled_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_payments_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_charge_id_charges_id_fk" FOREIGN KEY ("charge_id") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_ground_id_refund_grounds_id_fk" FOREIGN KEY ("ground_id") REFERENCES "public"."refund_grounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_requested_by_parties_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_rejected_by_parties_id_fk" FOREIGN KEY ("rejected_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_item_fk" FOREIGN KEY ("payment_id","charge_id") REFERENCES "public"."payment_items"("payment_id","charge_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund_approvals" ADD CONSTRAINT "refund_approvals_refund_id_refunds_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."refunds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund_approvals" ADD CONSTRAINT "refund_approvals_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agencies_parent_id_name_az_id_index" ON "agencies" USING btree ("parent_id","name_az","id");--> statement-breakpoint
CREATE INDEX "agencies_name_az_id_index" ON "agencies" USING btree ("name_az","id");--> statement-breakpoint
CREATE INDEX "agencies_name_en_id_index" ON "agencies" USING btree ("name_en","id");--> statement-breakpoint
CREATE INDEX "agencies_name_ru_id_index" ON "agencies" USING btree ("name_ru","id");--> statement-breakpoint
CREATE INDEX "registries_agency_id_position_id_index" ON "registries" USING btree ("agency_id","position","id");--> statement-breakpoint
CREATE INDEX "applications_submitted" ON "applications" USING btree ("agency_id","state","submitted_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_submitted_by_service" ON "applications" USING btree ("agency_id","service_id","state","submitted_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_submitted_by_officer" ON "applications" USING btree ("agency_id","officer_id","state","submitted_at","id","service_id") WHERE "applications"."submitted_at" is not null and "applications"."officer_id" is not null;--> statement-breakpoint
CREATE INDEX "applications_submitted_unassigned" ON "applications" USING btree ("agency_id","state","submitted_at","id","service_id") WHERE "applications"."submitted_at" is not null and "applications"."officer_id" is null and "applications"."phase" <> 'CLOSED';--> statement-breakpoint
CREATE INDEX "applications_changed" ON "applications" USING btree ("agency_id","state","changed_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_changed_by_service" ON "applications" USING btree ("agency_id","service_id","state","changed_at","id") WHERE "applications"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "applications_changed_by_officer" ON "applications" USING btree ("agency_id","officer_id","state","changed_at","id","service_id") WHERE "applications"."submitted_at" is not null and "applications"."officer_id" is not null;--> statement-breakpoint
CREATE INDEX "applications_changed_unassigned" ON "applications" USING btree ("agency_id","state","changed_at","id","service_id") WHERE "applications"."submitted_at" is not null and "applications"."officer_id" is null and "applications"."phase" <> 'CLOSED';--> statement-breakpoint
CREATE INDEX "applications_due" ON "applications" USING btree ("agency_id","state","due_at","id") WHERE "applications"."due_at" is not null and "applications"."phase" <> 'CLOSED';--> statement-breakpoint
CREATE INDEX "applications_due_by_service" ON "applications" USING btree ("agency_id","service_id","state","due_at","id") WHERE "applications"."due_at" is not null and "applications"."phase" <> 'CLOSED';--> statement-breakpoint
CREATE INDEX "applications_due_by_officer" ON "applications" USING btree ("agency_id","officer_id","state","due_at","id","service_id") WHERE "applications"."due_at" is not null and "applications"."phase" <> 'CLOSED' and "applications"."officer_id" is not null;--> statement-breakpoint
CREATE INDEX "applications_due_unassigned" ON "applications" USING btree ("agency_id","state","due_at","id","service_id") WHERE "applications"."due_at" is not null and "applications"."officer_id" is null and "applications"."phase" <> 'CLOSED';--> statement-breakpoint
CREATE INDEX "applications_proposed" ON "applications" USING btree ("agency_id","state","submitted_at","id") WHERE "applications"."proposal_id" is not null;--> statement-breakpoint
CREATE INDEX "applications_drafts" ON "applications" USING btree ("expires_at") WHERE "applications"."state" = 'DRAFT';--> statement-breakpoint
CREATE INDEX "application_parties_party_id_created_at_application_id_index" ON "application_parties" USING btree ("party_id","created_at","application_id");--> statement-breakpoint
CREATE INDEX "attachments_upload_id_index" ON "attachments" USING btree ("upload_id");--> statement-breakpoint
CREATE INDEX "officer_files_upload_id_index" ON "officer_files" USING btree ("upload_id");--> statement-breakpoint
CREATE INDEX "officer_files_application_id_index" ON "officer_files" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "application_notes_application_id_at_id_index" ON "application_notes" USING btree ("application_id","at","id");--> statement-breakpoint
CREATE INDEX "application_openings_agency_id_at_id_index" ON "application_openings" USING btree ("agency_id","at","id");--> statement-breakpoint
CREATE INDEX "application_openings_officer_id_application_id_index" ON "application_openings" USING btree ("officer_id","application_id");--> statement-breakpoint
CREATE INDEX "application_openings_application_id_index" ON "application_openings" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "earlier_answers_application_id_until_id_index" ON "earlier_answers" USING btree ("application_id","until","id");--> statement-breakpoint
CREATE INDEX "appeals_application_id_index" ON "appeals" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "decisions_application_id_at_id_index" ON "decisions" USING btree ("application_id","at","id");--> statement-breakpoint
CREATE INDEX "decisions_officer_id_index" ON "decisions" USING btree ("officer_id");--> statement-breakpoint
CREATE INDEX "decisions_appeal_id_index" ON "decisions" USING btree ("appeal_id");--> statement-breakpoint
CREATE INDEX "opinions_application_id_asked_at_id_index" ON "opinions" USING btree ("application_id","asked_at","id");--> statement-breakpoint
CREATE INDEX "opinions_agency_id_state_due_at_id_index" ON "opinions" USING btree ("agency_id","state","due_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "opinions_requested" ON "opinions" USING btree ("application_id","agency_id") WHERE "opinions"."state" = 'REQUESTED';--> statement-breakpoint
CREATE INDEX "application_fees_application_id_position_id_index" ON "application_fees" USING btree ("application_id","position","id");--> statement-breakpoint
CREATE INDEX "application_signatures_application_id_party_id_id_index" ON "application_signatures" USING btree ("application_id","party_id","id");--> statement-breakpoint
CREATE INDEX "timeline_entries_application_id_at_id_index" ON "timeline_entries" USING btree ("application_id","at","id");--> statement-breakpoint
CREATE INDEX "application_transfers_from_agency_id_at_id_index" ON "application_transfers" USING btree ("from_agency_id","at","id");--> statement-breakpoint
CREATE INDEX "application_transfers_application_id_at_index" ON "application_transfers" USING btree ("application_id","at");--> statement-breakpoint
CREATE INDEX "search_texts_lexemes" ON "search_texts" USING gin ("lexemes") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_words_trigrams" ON "search_words" USING gin ("word" gin_trgm_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "legal_bases_version_id_position_id_index" ON "legal_bases" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "life_events_position_id_index" ON "life_events" USING btree ("position","id");--> statement-breakpoint
CREATE INDEX "refusal_grounds_version_id_position_id_index" ON "refusal_grounds" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "required_documents_version_id_position_id_index" ON "required_documents" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "required_documents_obtainable_from_registry_id_index" ON "required_documents" USING btree ("obtainable_from_registry_id");--> statement-breakpoint
CREATE INDEX "services_agency_id_name_az_id_index" ON "services" USING btree ("agency_id","name_az","id");--> statement-breakpoint
CREATE INDEX "services_life_event_id_name_az_id_index" ON "services" USING btree ("life_event_id","name_az","id");--> statement-breakpoint
CREATE INDEX "services_name_az_id_index" ON "services" USING btree ("name_az","id");--> statement-breakpoint
CREATE INDEX "services_name_en_id_index" ON "services" USING btree ("name_en","id");--> statement-breakpoint
CREATE INDEX "services_name_ru_id_index" ON "services" USING btree ("name_ru","id");--> statement-breakpoint
CREATE INDEX "services_search" ON "services" USING btree ("id","agency_id","life_event_id","status","code");--> statement-breakpoint
CREATE INDEX "service_steps_version_id_position_id_index" ON "service_steps" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "service_steps_agency_id_index" ON "service_steps" USING btree ("agency_id");--> statement-breakpoint
CREATE INDEX "fees_tariff_id_position_id_index" ON "fees" USING btree ("tariff_id","position","id");--> statement-breakpoint
CREATE INDEX "processing_terms_tariff_id_position_id_index" ON "processing_terms" USING btree ("tariff_id","position","id");--> statement-breakpoint
CREATE INDEX "tariffs_version_id_position_id_index" ON "tariffs" USING btree ("version_id","position","id");--> statement-breakpoint
CREATE INDEX "document_parties_party_id_issued_at_document_id_index" ON "document_parties" USING btree ("party_id","issued_at","document_id");--> statement-breakpoint
CREATE INDEX "issued_documents_subject_id_index" ON "issued_documents" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "issued_documents_unnumbered" ON "issued_documents" USING btree ("series","id") WHERE "issued_documents"."series" is not null and "issued_documents"."series_number" is null;--> statement-breakpoint
CREATE INDEX "uploads_party_id_created_at_id_index" ON "uploads" USING btree ("party_id","created_at","id");--> statement-breakpoint
CREATE INDEX "uploads_subject_id_index" ON "uploads" USING btree ("subject_id") WHERE "uploads"."subject_id" is not null;--> statement-breakpoint
CREATE INDEX "command_keys_party_index" ON "command_keys" USING btree ("party");--> statement-breakpoint
CREATE INDEX "deadlines_due_at_index" ON "deadlines" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "events_without_position" ON "events" USING btree ("id") WHERE "events"."position" is null;--> statement-breakpoint
CREATE INDEX "events_of_party" ON "events" USING btree ("party_id","position") WHERE "events"."party_id" is not null and "events"."position" is not null;--> statement-breakpoint
CREATE INDEX "events_of_catalogue" ON "events" USING btree ("position") WHERE "events"."domain" in ('agencies', 'catalogue');--> statement-breakpoint
CREATE INDEX "events_of_moved_accounts" ON "events" USING btree ("subject") WHERE "events"."type" = 'identity.moved';--> statement-breakpoint
CREATE INDEX "accesses_without_checkpoint" ON "accesses" USING btree ("id") WHERE "accesses"."position" is null;--> statement-breakpoint
CREATE INDEX "accesses_party_id_at_id_index" ON "accesses" USING btree ("party_id","at","id");--> statement-breakpoint
CREATE INDEX "accesses_agency_id_at_id_index" ON "accesses" USING btree ("agency_id","at","id");--> statement-breakpoint
CREATE INDEX "accesses_actor_at_id_index" ON "accesses" USING btree ("actor","at","id");--> statement-breakpoint
CREATE INDEX "accesses_purpose_id_at_id_index" ON "accesses" USING btree ("purpose_id","at","id");--> statement-breakpoint
CREATE INDEX "accesses_at_id_index" ON "accesses" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "access_references_checkpoint_number_ref_id_index" ON "access_references" USING btree ("checkpoint_number","ref_id");--> statement-breakpoint
CREATE INDEX "consents_party_id_created_at_id_index" ON "consents" USING btree ("party_id","created_at","id");--> statement-breakpoint
CREATE INDEX "consents_agency_id_index" ON "consents" USING btree ("agency_id");--> statement-breakpoint
CREATE INDEX "legal_grounds_registry_id_purpose_id_agency_id_index" ON "legal_grounds" USING btree ("registry_id","purpose_id","agency_id");--> statement-breakpoint
CREATE INDEX "filing_batches_party_id_created_at_id_index" ON "filing_batches" USING btree ("party_id","created_at","id");--> statement-breakpoint
CREATE INDEX "filing_batches_running" ON "filing_batches" USING btree ("worked_at","id") WHERE "filing_batches"."state" = 'RUNNING';--> statement-breakpoint
CREATE INDEX "filing_batch_lines_outcome" ON "filing_batch_lines" USING btree ("batch_id","outcome","line","id");--> statement-breakpoint
CREATE UNIQUE INDEX "filings_live_period" ON "filings" USING btree ("party_id","service_id","live_period") WHERE "filings"."live_period" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "filings_live_correction" ON "filings" USING btree ("replaces_id") WHERE "filings"."replaces_id" is not null and "filings"."state" in ('RECEIVED', 'ACCEPTED');--> statement-breakpoint
CREATE INDEX "filings_replaces_id_received_at_id_index" ON "filings" USING btree ("replaces_id","received_at","id") WHERE "filings"."replaces_id" is not null;--> statement-breakpoint
CREATE INDEX "filings_party_id_received_at_id_index" ON "filings" USING btree ("party_id","received_at","id");--> statement-breakpoint
CREATE INDEX "filings_of_party_changed" ON "filings" USING btree ("party_id","changed_at","id");--> statement-breakpoint
CREATE INDEX "filings_to_collect" ON "filings" USING btree ("agency_id","received_at","id") WHERE "filings"."state" = 'RECEIVED';--> statement-breakpoint
CREATE INDEX "filings_leased" ON "filings" USING btree ("agency_id","leased_until") WHERE "filings"."state" = 'RECEIVED' and "filings"."leased_until" is not null;--> statement-breakpoint
CREATE INDEX "filings_received" ON "filings" USING btree ("agency_id","state","received_at","id","service_id");--> statement-breakpoint
CREATE INDEX "filings_changed" ON "filings" USING btree ("agency_id","state","changed_at","id","service_id");--> statement-breakpoint
CREATE INDEX "mandates_principal_id_index" ON "mandates" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "mandates_holder_id_index" ON "mandates" USING btree ("holder_id");--> statement-breakpoint
CREATE INDEX "appointments_party_id_index" ON "appointments" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "appointments_agency_id_created_at_id_index" ON "appointments" USING btree ("agency_id","created_at","id");--> statement-breakpoint
CREATE INDEX "appointments_created_at_id_index" ON "appointments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "appointments_never_active" ON "appointments" USING btree ("created_at","id") WHERE "appointments"."active_from" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "appointments_one_in_force" ON "appointments" USING btree ("agency_id","party_id") WHERE "appointments"."state" = 'ACTIVE';--> statement-breakpoint
CREATE UNIQUE INDEX "appointments_one_open" ON "appointments" USING btree ("agency_id","party_id") WHERE "appointments"."state" in ('PROPOSED', 'CONFIRMED');--> statement-breakpoint
CREATE INDEX "identifiers_party_id_index" ON "identifiers" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "identities_party_id_index" ON "identities" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "parties_wrapped_by_index" ON "parties" USING btree ("wrapped_by");--> statement-breakpoint
CREATE INDEX "oauth_payloads_expires_at_index" ON "oauth_payloads" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "programs_party_id_index" ON "programs" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "programs_agency_id_created_at_id_index" ON "programs" USING btree ("agency_id","created_at","id");--> statement-breakpoint
CREATE INDEX "charges_party_id_raised_at_id_index" ON "charges" USING btree ("party_id","raised_at","id");--> statement-breakpoint
CREATE INDEX "charges_raised" ON "charges" USING btree ("agency_id","state","raised_at","id","service_code","subject_type");--> statement-breakpoint
CREATE INDEX "charges_changed" ON "charges" USING btree ("agency_id","state","changed_at","id","service_code","subject_type");--> statement-breakpoint
CREATE INDEX "charges_due" ON "charges" USING btree ("agency_id","state","pay_by","id","service_code","subject_type") WHERE "charges"."pay_by" is not null and "charges"."state" = 'OPEN';--> statement-breakpoint
CREATE INDEX "charges_subject_id_raised_at_id_index" ON "charges" USING btree ("subject_id","raised_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "charges_live_reference" ON "charges" USING btree ("agency_id","subject_type","reference") WHERE "charges"."state" in ('OPEN', 'PAID') and "charges"."subject_type" not in ('APPLICATION', 'FILING');--> statement-breakpoint
CREATE INDEX "callback_nonces_received_at_index" ON "callback_nonces" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "payments_party_id_created_at_id_index" ON "payments" USING btree ("party_id","created_at","id");--> statement-breakpoint
CREATE INDEX "payments_created_at_id_index" ON "payments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "payment_items_charge_id_id_index" ON "payment_items" USING btree ("charge_id","id");--> statement-breakpoint
CREATE INDEX "ledger_transfers_payment_id_id_index" ON "ledger_transfers" USING btree ("payment_id","id");--> statement-breakpoint
CREATE INDEX "ledger_transfers_charge_id_id_index" ON "ledger_transfers" USING btree ("charge_id","id");--> statement-breakpoint
CREATE INDEX "ledger_transfers_debit_id_at_index" ON "ledger_transfers" USING btree ("debit_id","at");--> statement-breakpoint
CREATE INDEX "ledger_transfers_credit_id_at_index" ON "ledger_transfers" USING btree ("credit_id","at");--> statement-breakpoint
CREATE INDEX "reconciliations_settler_id_state_found_at_id_index" ON "reconciliations" USING btree ("settler_id","state","found_at","id");--> statement-breakpoint
CREATE INDEX "reconciliations_payment_id_index" ON "reconciliations" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "settlement_entries_provider_kind_order_id_refund_id_index" ON "settlement_entries" USING btree ("provider","kind","order_id","refund_id");--> statement-breakpoint
CREATE INDEX "settlement_entries_provider_day_index" ON "settlement_entries" USING btree ("provider","day");--> statement-breakpoint
CREATE INDEX "settlement_entries_open" ON "settlement_entries" USING btree ("provider","id") WHERE "settlement_entries"."agreed_at" is null;--> statement-breakpoint
CREATE INDEX "refunds_party_id_requested_at_id_index" ON "refunds" USING btree ("party_id","requested_at","id");--> statement-breakpoint
CREATE INDEX "refunds_agency_id_state_requested_at_id_index" ON "refunds" USING btree ("agency_id","state","requested_at","id");--> statement-breakpoint
CREATE INDEX "refunds_payment_id_charge_id_index" ON "refunds" USING btree ("payment_id","charge_id");--> statement-breakpoint
CREATE INDEX "refunds_charge_id_requested_at_id_index" ON "refunds" USING btree ("charge_id","requested_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_automatic" ON "refunds" USING btree ("payment_id","charge_id") WHERE "refunds"."kind" = 'AUTOMATIC';--> statement-breakpoint
CREATE INDEX "payment_rules_rule_valid_from_index" ON "payment_rules" USING btree ("rule","valid_from");--> statement-breakpoint
CREATE INDEX "calendar_days_date_index" ON "calendar_days" USING btree ("date");
--> statement-breakpoint
-- Written by hand.
INSERT INTO event_head DEFAULT VALUES;
--> statement-breakpoint
-- Counts may be lost in a crash, so that no request waits for the disk.
ALTER TABLE rate_limits SET UNLOGGED;
