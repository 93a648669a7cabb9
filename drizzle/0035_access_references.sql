CREATE TYPE "public"."reference_kind" AS ENUM('PURPOSE', 'GROUND', 'REGISTRY', 'AGENCY', 'CLIENT', 'MANDATE', 'ACCOUNT', 'IDENTIFIER');--> statement-breakpoint
CREATE TABLE "access_references" (
	"ref_id" uuid NOT NULL,
	"seal_number" bigint NOT NULL,
	"kind" "reference_kind" NOT NULL,
	"value" text NOT NULL,
	"mark" "bytea",
	CONSTRAINT "access_references_ref_id_seal_number_pk" PRIMARY KEY("ref_id","seal_number"),
	CONSTRAINT "access_references_mark_check" CHECK (octet_length("access_references"."mark") = 32)
);
--> statement-breakpoint
CREATE INDEX "access_references_seal_number_ref_id_index" ON "access_references" USING btree ("seal_number","ref_id");--> statement-breakpoint
CREATE INDEX "events_of_moved_accounts" ON "events" USING btree ("subject") WHERE "events"."type" = 'identity.moved';
--> statement-breakpoint
-- From here on written by hand.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON access_references FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON access_references FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
