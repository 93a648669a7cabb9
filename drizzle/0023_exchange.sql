CREATE TYPE "public"."access_kind" AS ENUM('CALL', 'STORED_ANSWER', 'FILE');--> statement-breakpoint
CREATE TYPE "public"."access_outcome" AS ENUM('SHOWN', 'NOTHING_HELD', 'NOT_ANSWERED');--> statement-breakpoint
CREATE TABLE "access_seals" (
	"number" bigint PRIMARY KEY NOT NULL,
	"first_position" bigint NOT NULL,
	"last_position" bigint NOT NULL,
	"sealed_at" timestamp with time zone NOT NULL,
	"previous" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"signature" "bytea" NOT NULL,
	CONSTRAINT "access_seals_range_check" CHECK ("access_seals"."last_position" >= "access_seals"."first_position" and "access_seals"."first_position" > 0)
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
	"client_id" uuid,
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
CREATE TABLE "consents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"party_id" uuid NOT NULL,
	"agency_id" uuid NOT NULL,
	"purpose_id" uuid NOT NULL,
	"registries" text[] NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone NOT NULL,
	"since" timestamp with time zone NOT NULL,
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
	"registry_id" uuid NOT NULL,
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
	CONSTRAINT "legal_grounds_fields_check" CHECK (cardinality("legal_grounds"."fields") > 0),
	CONSTRAINT "legal_grounds_validity_check" CHECK ("legal_grounds"."valid_to" >= "legal_grounds"."valid_from")
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
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_actor_party_id_parties_id_fk" FOREIGN KEY ("actor_party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accesses" ADD CONSTRAINT "accesses_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
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
CREATE INDEX "accesses_unsealed" ON "accesses" USING btree ("id") WHERE "accesses"."position" is null;--> statement-breakpoint
CREATE INDEX "accesses_party_id_at_id_index" ON "accesses" USING btree ("party_id","at","id");--> statement-breakpoint
CREATE INDEX "accesses_agency_id_at_id_index" ON "accesses" USING btree ("agency_id","at","id");--> statement-breakpoint
CREATE INDEX "accesses_at_id_index" ON "accesses" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "consents_party_id_since_id_index" ON "consents" USING btree ("party_id","since","id");--> statement-breakpoint
CREATE INDEX "consents_agency_id_index" ON "consents" USING btree ("agency_id");--> statement-breakpoint
CREATE INDEX "legal_grounds_registry_id_purpose_id_agency_id_index" ON "legal_grounds" USING btree ("registry_id","purpose_id","agency_id");