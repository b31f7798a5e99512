/**
 * Python pickles, and PyTorch's files that contain them, read without executing anything: a pickle
 * is a program that may call any function of Python; here it may only ask for what a {@link
 * org.fewstep.model.io.pickle.Vocabulary} knows, and whatever else it asks for is refused by name.
 */
@NullMarked
package org.fewstep.model.io.pickle;

import org.jspecify.annotations.NullMarked;
