/* verdict/counterfactual.c - the smallest sets of evidence without which the verdict would be another; declared in verdict.h */
#include "verdict/verdict.h"

void verdict_counterfactual(const struct evidence_set *set, const struct verdict *verdict, struct counterfactual *ret) { (void)set; (void)verdict; memset(ret, 0, sizeof *ret); }
