CREATE TYPE "public"."end_reason" AS ENUM('LEFT', 'OTHER_DUTIES', 'MISCONDUCT', 'MISTAKE');--> statement-breakpoint
ALTER TABLE "appointments" ADD COLUMN "end_reason" "end_reason";--> statement-breakpoint
CREATE INDEX "appointments_agency_id_since_id_index" ON "appointments" USING btree ("agency_id","since","id");--> statement-breakpoint
CREATE INDEX "appointments_since_id_index" ON "appointments" USING btree ("since","id");