//! The system's allocator in functions of its own.
//!
//! Where everything is optimised as one (the wasm module), the compiler may put the allocator's code for giving memory back into what calls
//! it. That code reads in front of the memory, which the optimiser takes to be a mistake of the caller's: it was seen to make a sure
//! failure of it. And it is a lot of code for each place.

use core::alloc::{GlobalAlloc, Layout};
use std::alloc::System;

/// To be made the global allocator of a module.
pub struct OutOfLine;

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for OutOfLine {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the system's.
        unsafe { System.alloc(layout) }
    }
    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    #[inline(never)]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
    #[inline(never)]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}
