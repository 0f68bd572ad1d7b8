/**
 * Control and format characters, line and paragraph separators, lone surrogates, and what Unicode says to show nothing of
 * (Default_Ignorable_Code_Point: variation selectors, fillers): what could move a cursor, ring, retitle a window, or make a
 * line read otherwise than it is.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
