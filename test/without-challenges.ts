/** A page without its challenge for passkeys, which is another one each time. */
export function withoutChallenges(page: string): string {
  return page.replace(/(?<=challenge&quot;:&quot;)[\w-]+/g, '')
}
