/**
 * Whether every joiner in a word (U+200C, U+200D) is where it changes how letters join: RFC 5892, Appendix A.1 and A.2.
 * Of the scripts whose letters join, only Arabic is known here.
 */
export function joinersAreNeeded(word: string): boolean {
  return !/[\u200c\u200d]/.test(word.replace(afterVirama, '').replace(betweenJoining, ''))
}

/** Canonical_Combining_Class=Virama, Unicode 15. */
const virama =
  '\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b-\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039-\u103a\u1714-\u1715\u1734\u17d2\u1a60\u1b44\u1baa-\u1bab\u1bf2-\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6\uabed\u{10a3f}\u{11046}\u{11070}\u{1107f}\u{110b9}\u{11133}-\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{1193d}-\u{1193e}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}\u{11d44}-\u{11d45}\u{11d97}\u{11f41}-\u{11f42}'
/** Joining_Type=Dual_Joining in Arabic: letters that join on both sides. */
const dualJoining =
  '\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649-\u064a\u066e-\u066f\u0678-\u0687\u069a-\u06bf\u06c1-\u06c2\u06cc\u06ce\u06d0-\u06d1\u06fa-\u06fc\u06ff\u0750-\u0758\u075c-\u076a\u076d-\u0770\u0772\u0775-\u0777\u077a-\u077f\u0886\u0889-\u088d\u08a0-\u08a9\u08af-\u08b0\u08b3-\u08b8\u08ba-\u08c8'
/** Joining_Type=Right_Joining in Arabic: letters that join only to the letter before. */
const rightJoining =
  '\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2-\u06d3\u06d5\u06ee-\u06ef\u0759-\u075b\u076b-\u076c\u0771\u0773-\u0774\u0778-\u0779\u0870-\u0882\u088e\u08aa-\u08ac\u08ae\u08b1-\u08b2\u08b9'

const afterVirama = new RegExp(`(?<=[${virama}])[\\u200c\\u200d]`, 'gu')
const betweenJoining = new RegExp(
  `(?<=[${dualJoining}]\\p{Mn}*)\\u200c(?=\\p{Mn}*[${dualJoining}${rightJoining}])`,
  'gu'
)
