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
ALTER TABLE "applications" ADD COLUMN "respond_by" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "extended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "escalated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "processes" ADD COLUMN "extension_value" integer;--> statement-breakpoint
ALTER TABLE "processes" ADD COLUMN "extension_unit" "term_unit";--> statement-breakpoint
ALTER TABLE "processes" ADD COLUMN "source" text;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_agency_id_agencies_id_fk" FOREIGN KEY ("agency_id") REFERENCES "public"."agencies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "application_openings" ADD CONSTRAINT "application_openings_officer_id_parties_id_fk" FOREIGN KEY ("officer_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earlier_answers" ADD CONSTRAINT "earlier_answers_application_id_applications_id_fk" FOREIGN KEY ("application_id") REFERENCES "public"."applications"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earlier_answers" ADD CONSTRAINT "earlier_answers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "application_openings_agency_id_at_id_index" ON "application_openings" USING btree ("agency_id","at","id");--> statement-breakpoint
CREATE INDEX "application_openings_officer_id_application_id_index" ON "application_openings" USING btree ("officer_id","application_id");--> statement-breakpoint
CREATE INDEX "application_openings_application_id_index" ON "application_openings" USING btree ("application_id");--> statement-breakpoint
CREATE INDEX "earlier_answers_application_id_until_id_index" ON "earlier_answers" USING btree ("application_id","until","id");--> statement-breakpoint
-- contracts: no release has had it, and nothing has written it; fees say when they are due.
ALTER TABLE "processes" DROP COLUMN "payment";--> statement-breakpoint
ALTER TABLE "processes" ADD CONSTRAINT "processes_extension_check" CHECK (("processes"."extension_value" is null) = ("processes"."extension_unit" is null) and "processes"."extension_value" > 0);--> statement-breakpoint
-- contracts: no release has had it, and nothing has written it; fees say when they are due.
DROP TYPE "public"."payment_timing";