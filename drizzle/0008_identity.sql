CREATE TYPE "public"."appointment_state" AS ENUM('PROPOSED', 'CONFIRMED', 'ACTIVE', 'ENDED');--> statement-breakpoint
CREATE TYPE "public"."officer_role" AS ENUM('REVIEWER', 'APPROVER', 'FINANCE', 'ADMIN');--> statement-breakpoint
CREATE TYPE "public"."identifier_type" AS ENUM('FIN', 'VOEN', 'DOCUMENT');--> statement-breakpoint
CREATE TYPE "public"."subject_kind" AS ENUM('CITIZEN', 'FOREIGNER', 'STATELESS', 'OFFICER', 'OPERATOR', 'AUDITOR');--> statement-breakpoint
CREATE TYPE "public"."mandate_kind" AS ENUM('HEAD', 'SEAL_HOLDER', 'DELEGATE', 'EMPLOYEE', 'POWER_OF_ATTORNEY', 'PARENT', 'GUARDIAN', 'CONSENT');--> statement-breakpoint
CREATE TYPE "public"."mandate_source" AS ENUM('REGISTER', 'GRANT');--> statement-breakpoint
CREATE TYPE "public"."power" AS ENUM('VIEW', 'FILE', 'PAY', 'SIGN', 'CONSENT');--> statement-breakpoint
CREATE TYPE "public"."person_status" AS ENUM('CITIZEN', 'FOREIGNER', 'STATELESS');--> statement-breakpoint
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
	"since" timestamp with time zone NOT NULL,
	"active_from" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "appointments_roles_check" CHECK (cardinality("appointments"."roles") > 0),
	CONSTRAINT "appointments_active_check" CHECK ("appointments"."state" <> 'ACTIVE' or "appointments"."active_from" is not null),
	CONSTRAINT "appointments_ended_check" CHECK (("appointments"."state" = 'ENDED') = ("appointments"."ended_at" is not null)),
	CONSTRAINT "appointments_two_persons_check" CHECK ("appointments"."proposed_by" <> "appointments"."confirmed_by")
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"networks" text[],
	"secret_hash" text,
	"former_secret_hash" text,
	"former_secret_until" timestamp with time zone,
	"jwks" jsonb,
	"registered_by" text NOT NULL,
	"registered_under" uuid,
	"since" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	CONSTRAINT "clients_scopes_check" CHECK (cardinality("clients"."scopes") > 0),
	CONSTRAINT "clients_secret_or_key_check" CHECK (("clients"."secret_hash" is null) <> ("clients"."jwks" is null)),
	CONSTRAINT "clients_former_secret_check" CHECK (("clients"."former_secret_hash" is null) = ("clients"."former_secret_until" is null)),
	CONSTRAINT "clients_revoked_check" CHECK (("clients"."revoked_at" is null) = ("clients"."revoked_by" is null))
);
--> statement-breakpoint
CREATE TABLE "identifiers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"type" "identifier_type" NOT NULL,
	"value" "personal" NOT NULL,
	"value_index" "blind_index",
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "identifiers_value_index_unique" UNIQUE("value_index")
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"kind" "subject_kind" NOT NULL,
	"subject_index" "blind_index",
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "identities_subject_index_unique" UNIQUE("subject_index")
);
--> statement-breakpoint
CREATE TABLE "mandates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"principal_id" uuid NOT NULL,
	"holder_id" uuid NOT NULL,
	"kind" "mandate_kind" NOT NULL,
	"powers" "power"[] NOT NULL,
	"services" text[],
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone,
	"source" "mandate_source" NOT NULL,
	"granted_by" uuid,
	"granted_under" uuid,
	"since" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" text,
	CONSTRAINT "mandates_powers_check" CHECK (cardinality("mandates"."powers") > 0),
	CONSTRAINT "mandates_validity_check" CHECK ("mandates"."valid_to" > "mandates"."valid_from"),
	CONSTRAINT "mandates_granted_check" CHECK (("mandates"."source" = 'GRANT') = ("mandates"."granted_by" is not null)),
	CONSTRAINT "mandates_revoked_check" CHECK (("mandates"."revoked_at" is null) = ("mandates"."revoked_by" is null))
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
CREATE TABLE "particulars" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"status" "person_status",
	"name" "personal",
	"birth_date" "personal",
	"source" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	CONSTRAINT "particulars_party_id_unique" UNIQUE("party_id")
);
--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identifiers" ADD CONSTRAINT "identifiers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_principal_id_parties_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_holder_id_parties_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_granted_by_parties_id_fk" FOREIGN KEY ("granted_by") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "particulars" ADD CONSTRAINT "particulars_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "appointments_party_id_index" ON "appointments" USING btree ("party_id");--> statement-breakpoint
CREATE UNIQUE INDEX "appointments_one_a_person" ON "appointments" USING btree ("agency_id","party_id") WHERE "appointments"."state" <> 'ENDED';--> statement-breakpoint
CREATE INDEX "clients_party_id_index" ON "clients" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "identifiers_party_id_index" ON "identifiers" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "identities_party_id_index" ON "identities" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "mandates_principal_id_index" ON "mandates" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "mandates_holder_id_index" ON "mandates" USING btree ("holder_id");--> statement-breakpoint
CREATE INDEX "oauth_payloads_expires_at_index" ON "oauth_payloads" USING btree ("expires_at");