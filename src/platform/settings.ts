import { z } from 'zod'
import type { ProcessConfig } from './process.settings.js'

/** An environment variable. It is declared beside the code that uses it. */
export interface Variable<Value = unknown> {
  /** What it does, for its line in docs/configuration.md. */
  meaning: string
  /** What is used if it is not set, for the same line. Defaults to "none". */
  default?: string
  example?: string
  /** Reads the text. Its error completes the sentence "PORT must be …". */
  value: z.ZodType<Value, string | undefined>
  /** It may be in a file instead, which `<NAME>_FILE` names. No error or log line repeats it. */
  isSecret?: true
  /** Production does not start without it. */
  isRequired?: true
  /** What it makes a sandbox do. SANDBOX_ALLOWS must list it, as `files-s3` for FILES_S3. */
  exception?: string
}
export type Variables = Record<string, Variable>
type Read<Declared extends Variables> = { [Name in keyof Declared]: z.output<Declared[Name]['value']> }

/** Variables that belong together, and the part of the configuration that they become. */
export interface Settings<Declared extends Variables, Part> {
  variables: Declared
  /** Throws one line if a value is invalid. */
  part(read: Read<Declared>, process: ProcessConfig): Part
  /** A line for each value that does not fit the others. */
  problems(read: Read<Declared>, process: ProcessConfig): string[]
}
/** Declares variables, for the list in config.ts. */
export const settings = <Declared extends Variables, Part extends object>(
  variables: Declared,
  part: Settings<Declared, Part>['part'],
  problems: Settings<Declared, Part>['problems'] = () => [],
): Settings<Declared, Part> => ({ variables, part, problems })

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `a whole number from ${least} to ${most}`,
    })
    .transform(Number)

/** Separated by commas. */
export const listOf = (isItem: (text: string) => boolean, error: string) =>
  z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every(isItem), { error: `a comma-separated list of ${error}` })
    .default([])

export const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, { error: `one of ${names.join(', ')}` })
