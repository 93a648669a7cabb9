DROP INDEX "appointments_one_a_person";--> statement-breakpoint
ALTER TABLE "appointments" ADD COLUMN "replacing" "end_reason";--> statement-breakpoint
CREATE UNIQUE INDEX "appointments_one_in_force" ON "appointments" USING btree ("agency_id","party_id") WHERE "appointments"."state" = 'ACTIVE';--> statement-breakpoint
CREATE UNIQUE INDEX "appointments_one_open" ON "appointments" USING btree ("agency_id","party_id") WHERE "appointments"."state" in ('PROPOSED', 'CONFIRMED');