CREATE TYPE "public"."client_revocation" AS ENUM('COMPROMISED', 'REPLACED', 'NO_LONGER_USED', 'OTHER');--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "revoked_because" "client_revocation";