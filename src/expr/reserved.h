/*
 * The words that DynamoDB keeps for itself: as the name of an attribute, an
 * expression can only use them through a #name.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_RESERVED_H
#define DYN_EXPR_RESERVED_H

#include "base/bytes.h"

/* In upper or lower case. */
bool dyn_word_is_reserved(dyn_bytes word);

#endif
