/* learn/exact.h - exponentials and logarithms that come out the same, bit for bit, on every machine.
 *
 * The C library's exp and log differ in the last bit between systems; a model whose lessons must be taken back exactly, and whose scores
 * must be recomputed from a kept case, cannot rest on them. These use nothing but + - * / on doubles, which IEEE 754 fixes (the build
 * forbids fused multiply-add), and are good to about 1e-12. */
#ifndef LEARN_EXACT_H
#define LEARN_EXACT_H

#include <stdint.h>

double exact_exp(double x); /* x outside [-700, 700] is taken as that bound */
double exact_log(double x); /* x must be positive and normal */
/* 1 / (1 + exp(-x)) */
double exact_logistic(double x);
/* x for small x, never beyond plus or minus bound: bound * tanh(x / bound). */
double exact_squash(double x, double bound);
/* Nearest integer, halves away from zero, clipped to the range of int32_t. */
int32_t exact_round(double x);

#endif
