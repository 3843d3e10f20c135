// L-BFGS: the least value of a smooth function of many weights, by its slope and the last few steps.
// Source: Nocedal 1980; Liu and Nocedal 1989. Cost: a call of the function a step, seldom more; 16 matrices of the weights' size held.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::train {

// The value at these weights; fills `slope`, of their shape.
using Objective = std::function<double(const Matrix& weights, Matrix& slope)>;

// Moves `weights` down to where the slope is small or a step gains nothing, in at most `steps` steps, each reported as `what`. The same
// whatever the threads, if the objective is. Throws Error: cancelled, and what the objective throws.
void minimise(const Objective& objective, Matrix& weights, int steps, std::string_view what, const Run& run);

// Sum of a[i] b[i], long ones in double precision. Of one length.
double inner(std::span<const float> a, std::span<const float> b);

}  // namespace attune::train
