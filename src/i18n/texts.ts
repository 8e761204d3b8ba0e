import type english from './languages/en.ts'

/** A text with {parameters}; with a number, its plural forms, chosen by {count}. */
export type Text = string | Plural
export type Plural = { readonly [Form in Intl.LDMLPluralRule]?: string } & { readonly other: string }

/** The content of a language file: the same texts as in English. */
export type Texts = Alike<typeof english>

/** The key of a text: `login.title`. */
export type TextKey = KeysIn<typeof english>

/** The value of a parameter. A message is translated too; a list of messages is joined with "and". */
export type Param = string | number | Message | readonly Message[]
export type Params = Readonly<Record<string, Param>>

/** A text with its parameters, to be translated when the language is known. */
export interface Message {
  readonly key: TextKey
  readonly params: Params
}

/** `message('names.tooLong', { count: 70, most: 64 })`; a missing parameter is a type error. */
export function message<Key extends TextKey>(key: Key, ...params: ParamsOf<Key>): Message {
  return { key, params: params[0] ?? {} }
}

/** The names of the parameters in a text, in all its forms. */
export function paramsIn(text: Text): readonly string[] {
  const forms = typeof text === 'string' ? [text] : Object.values(text)
  return forms.flatMap((form) => [...String(form).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))
}

export type ParamsOf<Key extends TextKey> =
  NamesIn<FormsAt<Key>> extends never ? [] : [Readonly<Record<NamesIn<FormsAt<Key>>, Param>>]

type NamesIn<Sentence> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

type FormsAt<Key, Within = typeof english> = Key extends keyof Within
  ? Within[Key] extends Plural
    ? Within[Key][keyof Within[Key]]
    : Within[Key]
  : Key extends `${infer Group extends keyof Within & string}.${infer Rest}`
    ? FormsAt<Rest, Within[Group]>
    : never

type KeysIn<Group> = {
  [Name in keyof Group & string]: Group[Name] extends Text ? Name : `${Name}.${KeysIn<Group[Name]>}`
}[keyof Group & string]

type Alike<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends string
    ? string
    : Group[Name] extends Plural
      ? Plural
      : Alike<Group[Name]>
}
